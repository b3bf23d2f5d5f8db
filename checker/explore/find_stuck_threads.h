// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A thread is stuck in a state if no continuation from there ever lets it take a step. On the complete graph
// that is a property of components: which threads move inside a component or anywhere behind it. One pass
// over the edges in reverse topological order, for up to 64 threads at a time.
//
// Cost: the components, and 8 bytes per component. Tests: find_stuck_threads_test.cpp.

#include <functional>
#include <optional>

#include "explore/components.h"
#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct StuckThread {
  StateNumber state = 0;
  std::size_t thread = 0;
};

// The first state, in breadth-first order, in which a thread that is not at an end label is stuck.
[[nodiscard]] std::optional<StuckThread>
find_stuck_thread(const ReachedGraph& graph, const Components& components, std::size_t threads,
                  const std::function<bool(StateNumber, std::size_t)>& at_end);

} // namespace tdxcheck::explore
