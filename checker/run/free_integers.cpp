// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/free_integers.h"

#include <algorithm>

#include "run/problem_of.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

bool is_literal(const model::Expr& e) { return std::holds_alternative<model::Literal>(e.node().kind); }

bool is_of_fixed_size(const model::Model& model) {
  const auto has_fixed_width = [](const model::Variable& variable) {
    const auto* bits = std::get_if<model::BitsType>(&variable.type.scalar);
    return bits == nullptr || is_literal(bits->width);
  };
  return std::ranges::all_of(model.sets, [](const model::IndexSet& set) { return is_literal(set.size); }) &&
         std::ranges::all_of(model.variables, has_fixed_width);
}

// The model with the parameter free; nothing where a part of it that is checked before anything is proved
// (which locks are held where) depends on the parameter, or where it is the size of a set.
std::optional<model::Model> with_free(const Target& target, const std::string& parameter) {
  try {
    const prove::Problem problem = problem_of(target, {parameter});
    return problem.open.empty() ? std::optional(problem.model) : std::nullopt;
  } catch (const support::InputError&) {
    return {};
  }
}

} // namespace

std::vector<std::string> free_integers(const Target& target) {
  const model::Model instance = problem_of(target, {}).model;
  std::vector<std::string> names;
  for (const auto id : target.model.parameters.ids()) {
    const model::Parameter& parameter = target.model.parameters[id];
    if (!std::holds_alternative<model::IntegerParameter>(parameter.type) ||
        target.valuation.parameters[id.value] == model::unlimited)
      continue;
    const std::optional<model::Model> free = with_free(target, parameter.name);
    if (free && is_of_fixed_size(*free) && !(*free == instance)) names.push_back(parameter.name);
  }
  return names;
}

} // namespace tdxcheck::run
