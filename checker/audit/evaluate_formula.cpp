// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/evaluate_formula.h"

#include <charconv>
#include <limits>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace tdxcheck::audit {
namespace {

using Values = std::map<std::string, std::string>;

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw support::InternalError(std::string(what) + ": `" + std::string(text) + "`");
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(at); end != std::string_view::npos; end = text.find(at)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + at.size());
  }
  parts.push_back(text);
  return parts;
}

long number_of(std::string_view text) {
  if (text == "unlimited") return std::numeric_limits<long>::max();
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse("a number was expected", text);
  return number;
}

bool is_in(std::string_view value, std::string_view set) {
  if (set.size() > 2 && set.front() == '{' && set.back() == '}') {
    for (const std::string_view one : split(set.substr(1, set.size() - 2), ", "))
      if (one == value) return true;
    return false;
  }
  const auto ends = split(set, "..");
  if (ends.size() != 2) refuse("a set or a range was expected", set);
  return number_of(ends[0]) <= number_of(value) && number_of(value) <= number_of(ends[1]);
}

bool compares(std::string_view comparison, const Values& values) {
  if (comparison == "always") return true;
  if (comparison == "never") return false;
  const std::size_t first = comparison.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : comparison.find(' ', first + 1);
  if (second == std::string_view::npos) refuse("a comparison was expected", comparison);
  const auto value = values.find(std::string(comparison.substr(0, first)));
  if (value == values.end()) refuse("no value is known for the first word of", comparison);
  const std::string_view relation = comparison.substr(first + 1, second - first - 1);
  const std::string_view operand = comparison.substr(second + 1);
  if (relation == "==") return value->second == operand;
  if (relation == "!=") return value->second != operand;
  if (relation == "<=") return number_of(value->second) <= number_of(operand);
  if (relation == ">=") return number_of(value->second) >= number_of(operand);
  if (relation == "in") return is_in(value->second, operand);
  refuse("a relation was expected in", comparison);
}

} // namespace

bool evaluate_formula(const std::string& text, const Values& values) {
  bool any = false;
  for (const std::string_view term : split(text, " or ")) {
    bool all = true;
    // Every comparison is read, so that no ill-formed one hides behind another.
    for (const std::string_view comparison : split(term, " and ")) all = compares(comparison, values) && all;
    any = any || all;
  }
  return any;
}

} // namespace tdxcheck::audit
