// SPDX-License-Identifier: GPL-2.0-or-later
//
// Declarations: defaults and settings within their ranges; sizes, ranges, widths and initial values that
// depend on parameters alone. Whether they come out right for a valuation is Instance's question.
#include "model/validation.h"

#include "model/limits.h"
#include "model/print.h"

#include <set>

namespace tdxcheck::model::validation {
namespace {

Place constant_place(const Source& source, std::string what) {
  Place place;
  place.source = &source;
  place.what = std::move(what);
  place.constant = true;
  return place;
}

void check_value(Findings& findings, Id<Parameter> id, Value value, std::string_view whose) {
  if (is_value_of(findings.model, id, value)) return;
  const Parameter& parameter = findings.model.parameters[id];
  findings.add(parameter.source, "{} of the parameter `{}` is {}; it may be {}", whose, parameter.name,
               print_parameter(findings.model, id, value), print_range(findings.model, id));
}

void check_parameter(Findings& findings, Id<Parameter> id) {
  const Parameter& parameter = findings.model.parameters[id];
  if (const auto* type = std::get_if<IntegerParameter>(&parameter.type)) {
    if (type->low > type->high)
      findings.add(parameter.source, "the parameter `{}` has the range {}..{}, which is empty",
                   parameter.name, type->low, type->high);
    if (type->may_be_unlimited && type->low < 0)
      findings.add(parameter.source, "the parameter `{}` is a limit and may not be negative", parameter.name);
  }
  check_value(findings, id, parameter.default_value, "the default");
}

void expect_between(Findings& findings, const Place& place, const Expr& e, Value low, Value high) {
  if (!expect_integer(findings, place, e)) return;
  const auto* literal = std::get_if<Literal>(&e.node().kind);
  if (literal != nullptr && (literal->value < low || literal->value > high))
    findings.add(*place.source, "{} is {}; it may be {} to {}", place.in_words(), literal->value, low, high);
}

struct CheckType {
  Findings& findings;
  const Variable& variable;

  Place place(std::string_view part) const {
    return constant_place(variable.source, fmt::format("the {} of `{}`", part, variable.name));
  }

  void operator()(const IntegerType& type) const {
    const bool low = expect_integer(findings, place("lower bound"), type.low);
    const bool high = expect_integer(findings, place("upper bound"), type.high);
    if (!low || !high) return;
    const auto* from = std::get_if<Literal>(&type.low.node().kind);
    const auto* to = std::get_if<Literal>(&type.high.node().kind);
    if (from != nullptr && to != nullptr && from->value > to->value)
      findings.add(variable.source, "the variable `{}` has the range {}..{}, which is empty", variable.name,
                   from->value, to->value);
  }
  void operator()(const BitsType& type) const {
    expect_between(findings, place("width"), type.width, 1, widest_bits);
  }
  void operator()(const BoolType&) const {}
  void operator()(const EnumType&) const {}
  void operator()(const IndexType&) const {}
  void operator()(const OptionalIndexType&) const {}
  void operator()(const SubsetType&) const {}
};

void check_variable(Findings& findings, const Variable& variable) {
  const CheckType check{findings, variable};
  std::visit(check, variable.type.scalar);
  if (variable.initial)
    expect_sort(findings, check.place("initial value"), *variable.initial, sort_of(variable.type.scalar));
}

void expect_count(Findings& findings, const Place& place, const Expr& e) {
  if (!check_expression(findings, place, e)) return;
  if (e.sort().kind != SortKind::integer && e.sort().kind != SortKind::bits)
    findings.add(*place.source, "{}: `{}` is {}; expected an integer or bits", place.in_words(),
                 shown(findings.model, e), describe_sort(findings.model, e.sort()));
}

void check_counter(Findings& findings, const Counter& counter) {
  Place place;
  place.source = &counter.source;
  expect_count(findings, place.called(fmt::format("the value of the counter `{}`", counter.name)),
               counter.value);
  expect_count(findings, place.called(fmt::format("the holders of the counter `{}`", counter.name)),
               counter.holders);
  if (!counter.freed.empty())
    expect_boolean(findings, place.called(fmt::format("`freed` of the counter `{}`", counter.name)),
                   counter.freed);
}

void check_variant(Findings& findings, const Variant& variant, const Source& source) {
  std::set<Id<Parameter>> set;
  for (const Setting& setting : variant.settings) {
    if (!findings.model.parameters.has(setting.parameter)) {
      findings.add(source, "the variant `{}` sets a parameter that does not exist", variant.name);
      continue;
    }
    check_value(findings, setting.parameter, setting.value,
                fmt::format("the value in the variant `{}`", variant.name));
    const Parameter& parameter = findings.model.parameters[setting.parameter];
    if (!set.insert(setting.parameter).second)
      findings.add(parameter.source, "the variant `{}` sets the parameter `{}` twice", variant.name,
                   parameter.name);
  }
}

// A variant has no line of its own: that of the first parameter, beside which variants are written.
void check_variants(Findings& findings) {
  const Model& model = findings.model;
  const Source source = model.parameters.empty() ? Source{} : model.parameters[Id<Parameter>{0}].source;
  std::set<std::string> names;
  for (const Variant& variant : model.variants) {
    if (variant.name.empty()) findings.add(source, "a variant has no name");
    else if (!names.insert(variant.name).second)
      findings.add(source, "the variant `{}` is there twice", variant.name);
    check_variant(findings, variant, source);
  }
  if (!model.default_variant.empty() && !names.contains(model.default_variant))
    findings.add(source, "the default variant `{}` does not exist", model.default_variant);
}

} // namespace

void check_declarations(Findings& findings) {
  const Model& model = findings.model;
  for (const Id<Parameter> id : model.parameters.ids()) check_parameter(findings, id);
  for (const IndexSet& set : model.sets)
    expect_between(findings, constant_place(set.source, fmt::format("the size of the set `{}`", set.name)),
                   set.size, 1, most_members);
  for (const Variable& variable : model.variables) check_variable(findings, variable);
  for (const Counter& counter : model.counters) check_counter(findings, counter);
  check_variants(findings);
}

} // namespace tdxcheck::model::validation
