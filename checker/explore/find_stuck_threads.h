// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A thread is stuck in a state if no continuation from there ever lets it take a step: the least fixed point
// of "moves there, or in a successor". A few passes against the breadth-first order mostly reach it, since
// few edges lead back, and a state in which every thread was seen to move is not looked at again. Where they
// do not, one pass over the components does, successors first.
//
// Cost: up to 8 threads at a time 1 byte per state, more 8 bytes for each 64, and 4 bytes for each state in
// which some thread has yet to be seen; seldom the components. Tests: find_stuck_threads_test.cpp.

#include <functional>
#include <optional>

#include "explore/edge_renamings.h"
#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct StuckThread {
  StateNumber state = 0;
  std::size_t thread = 0;
};

// The first state, in breadth-first order, in which a thread that is not at an end label is stuck. With
// `renamings`, the edges of a graph of canonical forms are followed with them, pass by pass until nothing
// changes; at most 64 threads then. `also_moving`, where an edge may stand for several moves: threads, a bit
// each of at most 64, that move on edges from the state besides those that the edges name.
[[nodiscard]] std::optional<StuckThread>
find_stuck_thread(const ReachedGraph& graph, std::size_t threads,
                  const std::function<bool(StateNumber, std::size_t)>& at_end,
                  const EdgeRenamings* renamings = nullptr,
                  const std::function<std::uint64_t(StateNumber)>& also_moving = {});

} // namespace tdxcheck::explore
