// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said of parameters: any of some terms, each of which is all of some comparisons. As text
//   retries <= 1 and kick == none or kick in {none, each} and retries in 3..7
// with `always` and `never` for the two ends. `unlimited` is more than any number.

#include <cstdint>
#include <string>
#include <vector>

namespace tdxcheck::result {

enum class Relation : std::uint8_t { equal, not_equal, at_most, at_least, between, one_of };

struct Comparison {
  std::string parameter;
  Relation relation = Relation::equal;
  std::vector<std::string> values; // between: the first and the last; one_of: some; else one
  friend bool operator==(const Comparison&, const Comparison&) = default;
};

using Conjunction = std::vector<Comparison>; // of nothing: always
using Formula = std::vector<Conjunction>;    // of nothing: never

[[nodiscard]] std::string_view symbol_of(Relation relation); // "==", "in"
[[nodiscard]] std::string text_of(const Comparison& comparison);
[[nodiscard]] std::string text_of(const Conjunction& conjunction);
[[nodiscard]] std::string text_of(const Formula& formula);

} // namespace tdxcheck::result
