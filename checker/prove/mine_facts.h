// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What all seen states have in common, label by label: wherever a thread is there, a cell has one value, or
// only values up to some number. Candidates for Houdini, no more.

#include <vector>

#include "prove/problem.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

// Closed implications. Adds regions to the problem's model.
[[nodiscard]] std::vector<model::Expr> mine_facts(Problem& problem, const SeenStates& seen);

} // namespace tdxcheck::prove
