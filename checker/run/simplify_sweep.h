// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The failing set of a sweep, stated as the shortest formula over its parameters.
//
// The verdicts on a claim are a truth table over the swept values. A term of the formula is a box of cells:
// per parameter a comparison, or none. The prime implicants of the table (prove/prime_implicants.h) and a
// minimum cover among them (prove/minimum_cover.h) make the fewest terms, and among these the fewest
// comparisons, and then the fewest values named. Cells that were not decided, or where the claim is not made,
// may be on either side of that formula; which they are is said by a formula of its own, an exact one.
// Values between those swept, or beyond them, are in no cell: the ranges are part of the answer.
//
// What is printed is read back by audit/evaluate_formula.h and compared with every cell. run/corners.h
// explores the corners of each term once more.
//
// Tests: shortest_formulas_test.cpp, sweep_simplify_test.cpp.

#include "result/failing_set.h"
#include "run/run_sweep.h"

namespace tdxcheck::run {

// InternalError where the text of a formula contradicts a cell. The corners are found, but not explored yet.
[[nodiscard]] result::SimplifiedSweep simplify(const Sweep& sweep, const model::Model& model);

// Likewise, and with the corners explored. `request` and `options` are those of the sweep.
[[nodiscard]] result::SimplifiedSweep simplify(const Sweep& sweep, const Request& request,
                                               const CheckOptions& options);

} // namespace tdxcheck::run
