// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Minimum cover: of candidates that each cover some elements, those that cover all of them together, as few
// as can be; of those choices, one of least cost, cost after cost; and of those, the one that prefers earlier
// candidates, so that the answer does not depend on the solver's mood.
//
// One boolean per candidate, one clause per element, and the costs as pseudo-boolean constraints that are
// tightened until Z3 says that there is nothing below (the covering step of Quine and McCluskey, which is
// NP-hard: hence a solver). Tens of candidates take milliseconds; where the time is up the best so far is
// told, as such. Tests: shortest_formulas_test.cpp compares with all subsets.

#include <cstddef>
#include <vector>

namespace tdxcheck::prove {

struct Candidate {
  std::vector<std::size_t> covers;
  std::vector<int> costs; // of every candidate as many
};

struct Cover {
  std::vector<std::size_t> chosen; // positions of candidates
  bool is_minimum = false;
};

// Every element 0 .. elements - 1 is covered by some candidate.
[[nodiscard]] Cover minimum_cover(std::size_t elements, const std::vector<Candidate>& candidates,
                                  double seconds);

} // namespace tdxcheck::prove
