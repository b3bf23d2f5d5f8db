// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Linear equations that all seen states satisfy, or all with some bit set or clear: over how many threads are
// at each label, and numbers, booleans and lock words (with their low bits cut off). "While X is clear, the
// reader counter is the number of shared holders", for example. The affine hull of what was seen (Karr 1976
// computes it of a program; here samples take the program's place, so that conditions cost nothing).
// Candidates for Houdini, no more.

#include <vector>

#include "prove/problem.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

// Closed equations, some under a condition. Adds regions to the problem's model.
[[nodiscard]] std::vector<model::Expr> mine_equalities(Problem& problem, const SeenStates& seen);

} // namespace tdxcheck::prove
