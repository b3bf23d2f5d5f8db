// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which locks are acquired while which are held, in all reachable states, and `lock_order`.

#include <vector>

#include "explore/explored.h"
#include "graph/lock_order.h"
#include "result/verdict.h"

namespace tdxcheck::run {

// Where an edge was seen first: on a shortest run, so that evidence is short.
struct SeenEdge {
  graph::OrderEdge edge;
  explore::StateNumber from = 0;
  explore::Move move;
};

// Two instances of one class count only where they are not taken in ascending order.
[[nodiscard]] std::vector<SeenEdge> seen_lock_order(const explore::Explored& explored);

// "mmu_lock (shared)"
[[nodiscard]] std::string name_of(const model::Model& model, const graph::LockUse& use);
// Who acquires what while holding what, and where that is written.
[[nodiscard]] std::string describe(const explore::Explored& explored, const SeenEdge& seen);
// "a -> b -> a"
[[nodiscard]] std::string circle(const model::Model& model, const std::vector<SeenEdge>& seen,
                                 const graph::LockCycle& cycle);

void judge_lock_order(const explore::Explored& explored, result::PropertyResult& property);

} // namespace tdxcheck::run
