// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The graph of lock classes that Linux's lockdep keeps: an edge from a class that is held to one that is
// acquired meanwhile, each in its mode. A cycle in which every acquisition waits is a deadlock that some
// schedule may close, whether a run did so or not. Shared waits for exclusive only: an edge goes on with
// another one if the mode in which the first wants the lock conflicts with the mode in which the second holds
// it.
//
// So cycles are looked for in the graph whose vertices are the edges (Boost.Graph: strong_components), and of
// each component a shortest one is shown. Unlike lockdep it knows modes on both sides, and sees every
// reachable acquisition and not only those that a test ran into. Tests: lock_order_test.cpp.

#include <string>
#include <vector>

#include "model/model.h"

namespace tdxcheck::graph {

struct LockUse {
  model::Id<model::Lock> lock;
  model::LockMode mode = model::LockMode::exclusive;
  friend auto operator<=>(const LockUse&, const LockUse&) = default;
};

struct OrderEdge {
  LockUse held, acquired;
  bool blocking = true; // otherwise tried
  friend auto operator<=>(const OrderEdge&, const OrderEdge&) = default;
};

// Positions in `edges`, in the order of the cycle.
using LockCycle = std::vector<std::size_t>;
[[nodiscard]] std::vector<LockCycle> lock_cycles(const std::vector<OrderEdge>& edges);

// As DOT; edges that are tried are dashed.
[[nodiscard]] std::string lock_order_as_dot(const model::Model& model, const std::vector<OrderEdge>& edges);

} // namespace tdxcheck::graph
