// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A short closed walk through a fair component, as evidence: it goes through a wanted move where one is
// wanted, and then, as long as a fair step that it leaves enabled is not taken, on by the shortest way to
// where that step is taken (or, for a weakly fair one, not enabled), and back. Each such detour settles one
// step for good, so the walk is as long as fairness demands and mostly much shorter than the component is
// large.
//
// Tests: fair_cycles_test.cpp; besides, no lasso is reported that audit/ does not find fair.

#include <cstdint>
#include <vector>

#include "explore/fair_steps.h"
#include "explore/subgraph.h"

namespace tdxcheck::explore {

// The edges from `entry` to `entry`. `component` is strongly connected in what `moves` leave of it, and fair.
[[nodiscard]] std::vector<std::uint64_t> build_lasso(const ReachedGraph& graph, const FairSteps& fair,
                                                     const std::vector<StateNumber>& component,
                                                     const MoveSet& moves, const MoveSet* wanted,
                                                     StateNumber entry);

} // namespace tdxcheck::explore
