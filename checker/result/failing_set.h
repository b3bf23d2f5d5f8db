// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// For which values of the swept parameters a claim is violated, as a formula. It is said of the cells that
// were decided, and of no other values.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "result/formula.h"

namespace tdxcheck::result {

struct SweptValues {
  std::string parameter;
  bool is_ordered = false; // an integer; then the values ascend, with `unlimited` last
  std::vector<std::string> values;
};

struct FailingSet {
  std::string claim;                                                   // empty: some claim
  std::size_t violated = 0, holds = 0, undecided = 0, not_claimed = 0; // cells
  // True of every violated cell and of none in which it holds; as for the others, whatever makes it short.
  // Nothing, where the table changes too often for a formula to be looked for.
  std::optional<Formula> where;
  bool is_shortest = false;         // fewest terms, then fewest comparisons
  std::optional<Formula> claimed;   // exactly the cells in which the claim is made
  std::optional<Formula> open;      // exactly those in which it was not decided
  std::vector<std::size_t> corners; // cells, see run/simplify_sweep.h
};

// Cells that were explored once more, each as far as there was a verdict.
struct Corners {
  std::size_t cells = 0;
  std::size_t confirmed = 0;    // as written, without any reduction: the same verdicts
  std::size_t by_reference = 0; // of these, by the reference interpreter as well (no claims about fair runs)
  std::size_t unfinished = 0;   // a budget ran out
  std::size_t left_out = 0;     // there were too many
};

struct SimplifiedSweep {
  std::vector<SweptValues> over;
  std::vector<FailingSet> sets; // per claim, then of all claims together
  Corners corners;
};

} // namespace tdxcheck::result
