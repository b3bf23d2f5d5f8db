// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Linear place invariants, as of a Petri net: sums over where threads are, numbers and booleans that no step
// changes. `mmu_lock.readers` is the number of threads between read_lock and read_unlock, for example. A step
// changes a sum by what is known of its effect: from label to label, `n + 1`, `true` where the guard says
// `false`. What some step changes in a way that is not known takes no part, but the sum over an array may
// even if its cells do not. The sums that no step changes are the kernel of the matrix of effects, by
// Gaussian elimination (Murata 1989, section VI).
//
// A boolean that a step sets or clears is taken to have been the other before, as a lock's word is by whoever
// releases it. So they are candidates, which the solver is asked about: where the guess is wrong, only sums
// with that variable are.

#include <vector>

#include "prove/problem.h"

namespace tdxcheck::prove {

// Closed equations. Adds regions to the problem's model.
[[nodiscard]] std::vector<model::Expr> place_invariants(Problem& problem);

} // namespace tdxcheck::prove
