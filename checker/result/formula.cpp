// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/formula.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::result {
namespace {

template <class Part>
std::string joined(const std::vector<Part>& parts, const char* between) {
  std::string text;
  for (const Part& part : parts) text += (text.empty() ? "" : between) + text_of(part);
  return text;
}

std::string operand_of(const Comparison& comparison) {
  switch (comparison.relation) {
  case Relation::between: return fmt::format("{}..{}", comparison.values.front(), comparison.values.back());
  case Relation::one_of: return fmt::format("{{{}}}", fmt::join(comparison.values, ", "));
  case Relation::equal:
  case Relation::not_equal:
  case Relation::at_most:
  case Relation::at_least: return comparison.values.front();
  }
  return "";
}

} // namespace

std::string_view symbol_of(Relation relation) {
  switch (relation) {
  case Relation::equal: return "==";
  case Relation::not_equal: return "!=";
  case Relation::at_most: return "<=";
  case Relation::at_least: return ">=";
  case Relation::between:
  case Relation::one_of: return "in";
  }
  return "";
}

std::string text_of(const Comparison& comparison) {
  return fmt::format("{} {} {}", comparison.parameter, symbol_of(comparison.relation),
                     operand_of(comparison));
}

std::string text_of(const Conjunction& conjunction) {
  return conjunction.empty() ? "always" : joined(conjunction, " and ");
}

std::string text_of(const Formula& formula) { return formula.empty() ? "never" : joined(formula, " or "); }

} // namespace tdxcheck::result
