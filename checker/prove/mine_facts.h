// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What all seen states have in common, label by label: wherever a thread is there, a cell has one value, or
// only values up to some number. Candidates for Houdini, no more.

#include <vector>

#include "prove/prove.h"

namespace tdxcheck::prove {

// Closed implications. Adds regions to the problem's model.
[[nodiscard]] std::vector<model::Expr> mine_facts(Problem& problem, const std::vector<Sample>& seen);

} // namespace tdxcheck::prove
