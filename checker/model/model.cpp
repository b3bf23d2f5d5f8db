// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model.h"

namespace tdxcheck::model {
namespace {

struct SortOfType {
  Sort operator()(const BoolType&) const { return {SortKind::boolean, 0}; }
  Sort operator()(const IntegerType&) const { return {SortKind::integer, 0}; }
  Sort operator()(const BitsType&) const { return {SortKind::bits, 0}; }
  Sort operator()(const EnumType& type) const { return {SortKind::enumeration, type.enumeration.value}; }
  Sort operator()(const IndexType& type) const { return {SortKind::index, type.set.value}; }
  Sort operator()(const OptionalIndexType& type) const { return {SortKind::optional_index, type.set.value}; }
  Sort operator()(const SubsetType& type) const { return {SortKind::subset, type.of.value}; }
};

struct SortOfParameter {
  Sort operator()(const BoolParameter&) const { return {SortKind::boolean, 0}; }
  Sort operator()(const IntegerParameter&) const { return {SortKind::integer, 0}; }
  Sort operator()(const EnumParameter& type) const { return {SortKind::enumeration, type.enumeration.value}; }
};

struct IsValue {
  const Model& model;
  Value value;

  bool operator()(const BoolParameter&) const { return value == 0 || value == 1; }
  bool operator()(const IntegerParameter& type) const {
    return (type.low <= value && value <= type.high) || (type.may_be_unlimited && value == unlimited);
  }
  bool operator()(const EnumParameter& type) const {
    return value >= 0 && value < static_cast<Value>(model.enumerations[type.enumeration].constants.size());
  }
};

struct TemplateName {
  std::string_view operator()(const Always&) const { return "always"; }
  std::string_view operator()(const Asserted&) const { return "assertion"; }
  std::string_view operator()(const NoDeadlock&) const { return "no_deadlock"; }
  std::string_view operator()(const LockDiscipline&) const { return "lock_discipline"; }
  std::string_view operator()(const LockOrder&) const { return "lock_order"; }
  std::string_view operator()(const NoLivelock&) const { return "no_livelock"; }
  std::string_view operator()(const NoStarvation&) const { return "no_starvation"; }
  std::string_view operator()(const LeadsTo&) const { return "leads_to"; }
  std::string_view operator()(const Recoverable&) const { return "recoverable"; }
  std::string_view operator()(const Retries&) const { return "retries"; }
  std::string_view operator()(const Balanced&) const { return "balanced"; }
  std::string_view operator()(const Sometimes&) const { return "sometimes"; }
};

} // namespace

Sort sort_of(const ScalarType& type) { return std::visit(SortOfType{}, type); }

Sort sort_of(const Parameter& parameter) { return std::visit(SortOfParameter{}, parameter.type); }

std::string_view template_name(const Claim& claim) { return std::visit(TemplateName{}, claim); }

Valuation defaults(const Model& model) {
  Valuation valuation;
  for (const Parameter& parameter : model.parameters) valuation.parameters.push_back(parameter.default_value);
  valuation.kept.assign(model.guards.size(), true);
  return valuation;
}

bool is_value_of(const Model& model, Id<Parameter> parameter, Value value) {
  return std::visit(IsValue{model, value}, model.parameters[parameter].type);
}

} // namespace tdxcheck::model
