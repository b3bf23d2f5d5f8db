// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The values of TLA+ that the exporter's modules have. Those of different kinds may not be compared, as in
// TLC. TlaError for what has no value.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace tdxcheck::tests {

struct TlaValue {
  enum class Kind { boolean, number, string, set, tuple, function } kind = Kind::boolean;
  std::int64_t number = 0;
  std::string string;
  std::vector<TlaValue> items; // of a set: sorted, each once; of a function: argument, value, argument, value
  friend bool operator==(const TlaValue&, const TlaValue&) = default;
  friend std::strong_ordering operator<=>(const TlaValue& a, const TlaValue& b);
};

[[nodiscard]] TlaValue truth(bool value);
[[nodiscard]] TlaValue number(std::int64_t value);
[[nodiscard]] TlaValue set_of(std::vector<TlaValue> items);
[[nodiscard]] TlaValue of_kind(TlaValue value, TlaValue::Kind kind, const char* what);
[[nodiscard]] bool equal(const TlaValue& a, const TlaValue& b);
[[nodiscard]] std::int64_t power_of_two(std::int64_t base, std::int64_t exponent);
[[nodiscard]] std::int64_t remainder(std::int64_t a, std::int64_t b);
[[nodiscard]] TlaValue subsets(const std::vector<TlaValue>& items);
[[nodiscard]] TlaValue functions(const std::vector<TlaValue>& domain, const std::vector<TlaValue>& range);

} // namespace tdxcheck::tests
