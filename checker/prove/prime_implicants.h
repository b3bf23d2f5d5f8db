// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The prime implicants of a truth table over variables of many values, as in Quine's method (1955) and its
// many-valued form (Rudell and Sangiovanni-Vincentelli, Multiple-Valued Minimization for PLA Optimization,
// 1987): the largest boxes in which the table nowhere says no. A box is a set of values per axis. Along an
// ordered axis a set is an interval, or all but one value; along another, any set.
//
// A shortest disjunction of boxes can be had from these alone: a box that grows into a larger one needs no
// further comparison. Values between which nothing tells apart (along an ordered axis, neighbours) are made
// one value first, so that the cost follows from how often the table changes, not from how large it is.
// Then every set of the first axis is tried, with what is common to its slices, and so on; of sets with the
// same in common only the largest. Exponential in the number of axes, and in the values of an unordered one.
// Tests: shortest_formulas_test.cpp compares with all boxes of small tables.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tdxcheck::prove {

enum class Wanted : std::uint8_t { no, yes, either };

struct Axis {
  std::size_t values = 0;
  bool is_ordered = false;
};

struct TruthTable {
  std::vector<Axis> axes;
  std::vector<Wanted> cells; // the last axis changes fastest
};

struct Box {
  std::vector<std::vector<bool>> values; // by axis
  [[nodiscard]] bool contains(const TruthTable& table, std::size_t cell) const;
};

// Those with a cell that says yes. Nothing if there is too much to be tried.
[[nodiscard]] std::optional<std::vector<Box>> prime_implicants(const TruthTable& table);

} // namespace tdxcheck::prove
