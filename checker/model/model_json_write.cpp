// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json.h"

#include "model/model_json_words.h"
#include "model/model_json_writing.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::model {
namespace json_writing {
namespace {

struct WriteParameterType {
  const Model& model;

  Json operator()(const BoolParameter&) const { return "bool"; }
  Json operator()(const IntegerParameter& type) const {
    Json json = {{"integer", Json::array({type.low, type.high})}};
    put_flag(json, "unlimited", type.may_be_unlimited);
    return json;
  }
  Json operator()(const EnumParameter& type) const {
    return {{"enum", model.enumerations[type.enumeration].name}};
  }
};

// true, 5, "unlimited", or a constant.
struct WriteParameterValue {
  const Model& model;
  Id<Parameter> parameter;
  Value value;

  Json operator()(const BoolParameter&) const { return value != 0; }
  Json operator()(const IntegerParameter& type) const {
    if (type.may_be_unlimited && value == unlimited) return "unlimited";
    return value;
  }
  Json operator()(const EnumParameter&) const { return print_parameter(model, parameter, value); }
};

Json write_value(const Model& model, Id<Parameter> parameter, Value value) {
  return std::visit(WriteParameterValue{model, parameter, value}, model.parameters[parameter].type);
}

struct WriteType {
  const Model& model;

  std::string set(Id<IndexSet> id) const { return model.sets[id].name; }
  Json operator()(const BoolType&) const { return "bool"; }
  Json operator()(const IntegerType& type) const {
    return {{"integer", write_expressions(model, {type.low, type.high})}};
  }
  Json operator()(const BitsType& type) const { return {{"bits", write_expression(model, type.width)}}; }
  Json operator()(const EnumType& type) const {
    return {{"enum", model.enumerations[type.enumeration].name}};
  }
  Json operator()(const IndexType& type) const { return {{"index", set(type.set)}}; }
  Json operator()(const OptionalIndexType& type) const { return {{"optional_index", set(type.set)}}; }
  Json operator()(const SubsetType& type) const { return {{"subset", set(type.of)}}; }
};

struct WriteScope {
  const Model& model;

  Json operator()(const GlobalScope&) const { return "global"; }
  Json operator()(const MemberScope& scope) const { return {{"per_member", model.sets[scope.set].name}}; }
  Json operator()(const LocalScope& scope) const { return {{"local", model.threads[scope.thread].name}}; }
};

template <class Row>
Json names_of(const Table<Row>& table, const std::vector<Id<Row>>& ids) {
  Json names = Json::array();
  for (const Id<Row> id : ids) names.push_back(table[id].name);
  return names;
}

// The list that `write` makes of every row.
template <class Rows, class Write>
Json list_of(const Rows& rows, const Write& write) {
  Json list = Json::array();
  for (const auto& row : rows) list.push_back(write(row));
  return list;
}

Json write_enumeration(const Enumeration& enumeration) {
  return {{"name", enumeration.name}, {"constants", enumeration.constants}};
}

Json write_parameter(const Model& model, Id<Parameter> id) {
  const Parameter& parameter = model.parameters[id];
  Json json = {{"name", parameter.name}, {"type", std::visit(WriteParameterType{model}, parameter.type)}};
  json["default"] = write_value(model, id, parameter.default_value);
  put_text(json, "doc", parameter.doc);
  put_source(json, parameter.source);
  return json;
}

Json write_set(const Model& model, const IndexSet& set) {
  Json json = {{"name", set.name}, {"size", write_expression(model, set.size)}};
  put_flag(json, "symmetric", set.symmetric);
  put_source(json, set.source);
  return json;
}

Json write_variable(const Model& model, const Variable& variable) {
  Json json = {{"name", variable.name}, {"type", std::visit(WriteType{model}, variable.type.scalar)}};
  put_list(json, "array_of", names_of(model.sets, variable.type.array_of));
  json["initial"] = variable.initial ? write_expression(model, *variable.initial) : Json("any");
  json["scope"] = std::visit(WriteScope{model}, variable.scope);
  put_text(json, "doc", variable.doc);
  put_source(json, variable.source);
  return json;
}

Json write_lock(const Model& model, const Lock& lock) {
  Json json = {{"name", lock.name}, {"kind", name_of(lock.kind)}};
  put_list(json, "over", names_of(model.sets, lock.over));
  put_flag(json, "sleeping", lock.sleeping);
  put_flag(json, "module", lock.module);
  if (lock.rank) json["rank"] = *lock.rank;
  put_text(json, "doc", lock.doc);
  put_source(json, lock.source);
  return json;
}

Json write_guard(const GuardName& guard) {
  Json json = {{"name", guard.name}};
  put_text(json, "doc", guard.doc);
  put_source(json, guard.source);
  return json;
}

Json write_region(const Model& model, const Region& region) {
  const Thread& thread = model.threads[region.thread];
  return {{"name", region.name}, {"thread", thread.name}, {"labels", names_of(thread.labels, region.labels)}};
}

// A loop or an operation.
template <class Row>
Json write_stretch(const Model& model, const Row& row) {
  Json json = {{"name", row.name}, {"thread", model.threads[row.thread].name}};
  put_list(json, "functions", row.functions);
  put_source(json, row.source);
  return json;
}

Json write_counter(const Model& model, const Counter& counter) {
  Json json = {{"name", counter.name}};
  put_expression(json, "value", model, counter.value);
  put_expression(json, "holders", model, counter.holders);
  put_expression(json, "freed", model, counter.freed);
  put_source(json, counter.source);
  return json;
}

Json write_variant(const Model& model, const Variant& variant) {
  Json json = {{"name", variant.name}};
  put_list(json, "settings", list_of(variant.settings, [&](const Setting& setting) -> Json {
             return {{"parameter", model.parameters[setting.parameter].name},
                     {"value", write_value(model, setting.parameter, setting.value)}};
           }));
  put_text(json, "source", variant.source);
  put_text(json, "expected", variant.expected);
  put_text(json, "left_out", variant.left_out);
  put_text(json, "finding", variant.finding);
  return json;
}

} // namespace
} // namespace json_writing

nlohmann::ordered_json to_json(const Model& model) {
  using namespace json_writing;
  Json json = {{"schema", json_words::schema}, {"name", model.name}};
  put_text(json, "summary", model.summary);
  put_text(json, "essay", model.essay);
  put_text(json, "default_variant", model.default_variant);
  const auto with_model = [&](auto write) {
    return [&model, write](const auto& row) { return write(model, row); };
  };
  put_list(json, "enumerations", list_of(model.enumerations, write_enumeration));
  put_list(json, "parameters", list_of(model.parameters.ids(), with_model(write_parameter)));
  put_list(json, "guards", list_of(model.guards, write_guard));
  put_list(json, "sets", list_of(model.sets, with_model(write_set)));
  put_list(json, "variables", list_of(model.variables, with_model(write_variable)));
  put_list(json, "locks", list_of(model.locks, with_model(write_lock)));
  put_list(json, "threads", list_of(model.threads, with_model(write_thread)));
  put_list(json, "regions", list_of(model.regions, with_model(write_region)));
  put_list(json, "loops", list_of(model.loops, with_model(write_stretch<Loop>)));
  put_list(json, "operations", list_of(model.operations, with_model(write_stretch<Operation>)));
  put_list(json, "counters", list_of(model.counters, with_model(write_counter)));
  put_list(json, "properties", list_of(model.properties, with_model(write_property)));
  put_list(json, "variants", list_of(model.variants, with_model(write_variant)));
  return json;
}

} // namespace tdxcheck::model
