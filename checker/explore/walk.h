// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A run as a way through the reached graph.

#include <optional>
#include <vector>

#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct Walk {
  std::vector<StateNumber> states; // the first one initial, one more than moves
  std::vector<Move> moves;
  std::optional<std::size_t> loop; // a lasso: the last state is that before this move
};

// The shortest way to the state. Needs the rows of the graph.
[[nodiscard]] Walk walk_to(const ReachedGraph& graph, StateNumber state);
// On through edges.
void extend(Walk& walk, const ReachedGraph& graph, const std::vector<std::uint64_t>& edges);
// On to a state that some edge leads to from the last one.
void step_to(Walk& walk, const ReachedGraph& graph, StateNumber next);

} // namespace tdxcheck::explore
