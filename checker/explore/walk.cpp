// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/walk.h"

#include <algorithm>

#include "support/contract.h"

namespace tdxcheck::explore {

Walk walk_to(const ReachedGraph& graph, StateNumber state) {
  std::vector<StateNumber> path{state};
  while (graph.parent[path.back()] != no_state) path.push_back(graph.parent[path.back()]);
  std::reverse(path.begin(), path.end());
  Walk walk{{path.front()}, {}, {}};
  for (std::size_t i = 1; i < path.size(); ++i) step_to(walk, graph, path[i]);
  return walk;
}

void extend(Walk& walk, const ReachedGraph& graph, const std::vector<std::uint64_t>& edges) {
  for (const std::uint64_t e : edges) {
    walk.moves.push_back(graph.move[e]);
    walk.states.push_back(graph.target[e]);
  }
}

void step_to(Walk& walk, const ReachedGraph& graph, StateNumber next) {
  const StateNumber from = walk.states.back();
  for (std::uint64_t e = graph.rows[from]; e < graph.rows[from + 1]; ++e) {
    if (graph.target[e] != next) continue;
    extend(walk, graph, {e});
    return;
  }
  support::ensures_internal(false, "an edge leads from each state of a walk to the next");
}

} // namespace tdxcheck::explore
