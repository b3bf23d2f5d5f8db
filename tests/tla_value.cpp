// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tla_value.h"

#include "tests/tla_syntax.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::tests {

using Kind = TlaValue::Kind;

std::strong_ordering operator<=>(const TlaValue& a, const TlaValue& b) {
  if (const auto order = a.kind <=> b.kind; order != 0) return order;
  if (const auto order = a.number <=> b.number; order != 0) return order;
  if (const auto order = a.string <=> b.string; order != 0) return order;
  return std::lexicographical_compare_three_way(a.items.begin(), a.items.end(), b.items.begin(),
                                                b.items.end());
}

TlaValue truth(bool value) { return {Kind::boolean, value ? 1 : 0, {}, {}}; }
TlaValue number(std::int64_t value) { return {Kind::number, value, {}, {}}; }
TlaValue set_of(std::vector<TlaValue> items) {
  std::ranges::sort(items);
  items.erase(std::ranges::unique(items).begin(), items.end());
  return {Kind::set, 0, {}, std::move(items)};
}

TlaValue of_kind(TlaValue value, Kind kind, const char* what) {
  if (value.kind != kind) throw TlaError(fmt::format("{} is wanted", what));
  return value;
}

bool equal(const TlaValue& a, const TlaValue& b) {
  if (a.kind != b.kind) throw TlaError("values of different kinds are compared");
  return a == b;
}

std::int64_t power_of_two(std::int64_t base, std::int64_t exponent) {
  if (base != 2 || exponent < 0 || exponent > 40) throw TlaError("a small power of two is wanted");
  return exponent;
}
std::int64_t remainder(std::int64_t a, std::int64_t b) {
  if (b <= 0) throw TlaError("a remainder by what is not positive");
  return ((a % b) + b) % b;
}

TlaValue subsets(const std::vector<TlaValue>& items) {
  std::vector<TlaValue> all;
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << items.size(); ++mask) {
    std::vector<TlaValue> some;
    for (std::size_t i = 0; i < items.size(); ++i)
      if ((mask >> i & 1) != 0) some.push_back(items[i]);
    all.push_back(set_of(some));
  }
  return set_of(all);
}

TlaValue functions(const std::vector<TlaValue>& domain, const std::vector<TlaValue>& range) {
  std::vector<TlaValue> all{{Kind::function, 0, {}, {}}};
  for (const TlaValue& argument : domain) {
    std::vector<TlaValue> longer;
    for (const TlaValue& function : all)
      for (const TlaValue& value : range) {
        longer.push_back(function);
        longer.back().items.push_back(argument);
        longer.back().items.push_back(value);
      }
    all = std::move(longer);
  }
  return set_of(all);
}

} // namespace tdxcheck::tests
