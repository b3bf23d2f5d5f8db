// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/valuation.h"

#include "model/print.h"
#include "model/validate.h"
#include "support/error.h"
#include "support/near_miss.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::run {
namespace {

using support::InputError;

template <class Rows>
std::vector<std::string> names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

// The row's position, or an InputError.
template <class Rows>
std::uint32_t position(const Rows& rows, const char* kind, const std::string& name) {
  std::uint32_t at = 0;
  for (const auto& row : rows) {
    if (row.name == name) return at;
    ++at;
  }
  throw InputError(support::did_you_mean(kind, name, names_of(rows)));
}

[[noreturn]] void refuse_value(const model::Model& model, model::Id<model::Parameter> id,
                               const std::string& value) {
  const model::Parameter& parameter = model.parameters[id];
  std::string message = fmt::format("`{}` is no value of parameter `{}`, which takes {}", value,
                                    parameter.name, print_range(model, id));
  if (const auto* type = std::get_if<model::EnumParameter>(&parameter.type)) {
    const auto near = support::near_misses(value, model.enumerations[type->enumeration].constants, 1);
    if (!near.empty()) message += fmt::format("; did you mean `{}`?", near.front());
  }
  throw InputError(message);
}

} // namespace

void assign(const model::Model& model, model::Valuation& valuation, const std::string& parameter,
            const std::string& value) {
  const model::Id<model::Parameter> id{position(model.parameters, "parameter", parameter)};
  const auto parsed = parse_parameter(model, id, value);
  if (!parsed) refuse_value(model, id, value);
  valuation.parameters.at(id.value) = *parsed;
}

void assign(const model::Model& model, model::Valuation& valuation, const std::string& name_equals_value) {
  const auto equals = name_equals_value.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(fmt::format("--set takes NAME=VALUE, not `{}`", name_equals_value));
  assign(model, valuation, name_equals_value.substr(0, equals), name_equals_value.substr(equals + 1));
}

void drop_guard(const model::Model& model, model::Valuation& valuation, const std::string& guard) {
  valuation.kept.at(position(model.guards, "guard", guard)) = false;
}

model::Valuation valuation_of_variant(const model::Model& model, const std::string& variant) {
  model::Valuation valuation = model::defaults(model);
  if (variant.empty()) return valuation;
  for (const auto& setting : model.variants.at(position(model.variants, "variant", variant)).settings)
    valuation.parameters.at(setting.parameter.value) = setting.value;
  return valuation;
}

std::vector<ParameterValues> values_of_parameters(const model::Model& model) {
  constexpr model::Value most_listed = 64;
  std::vector<ParameterValues> all;
  for (const auto id : model.parameters.ids()) {
    ParameterValues one{model.parameters[id].name, model.parameters[id].doc, {}};
    const auto add = [&](model::Value value) { one.values.push_back(print_parameter(model, id, value)); };
    if (const auto* range = std::get_if<model::IntegerParameter>(&model.parameters[id].type)) {
      const bool few = range->high - range->low < most_listed;
      for (model::Value v = range->low; v <= range->high; v = few || v == range->high ? v + 1 : range->high)
        add(v);
      if (range->may_be_unlimited) add(model::unlimited);
    } else if (const auto* type = std::get_if<model::EnumParameter>(&model.parameters[id].type)) {
      one.values = model.enumerations[type->enumeration].constants;
    } else {
      one.values = {"false", "true"};
    }
    all.push_back(std::move(one));
  }
  return all;
}

void require_property(const model::Model& model, const std::string& property) {
  (void)position(model.properties, "property", property);
}

void refuse_ill_formed(const model::Model& model) {
  const auto problems = model::validate(model);
  if (!problems.empty())
    throw InputError(fmt::format("{} is ill-formed:\n{}", model.name, model::describe(problems)));
}

} // namespace tdxcheck::run
