// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/reach_within.h"

#include <algorithm>

namespace tdxcheck::explore {

void ReachWithin::reach(StateNumber state, StateNumber from) {
  if (within_[state] == 0 || reached_[state] != 0) return;
  reached_[state] = 1;
  came_from_[state] = from;
  turn_[state] = turns_++;
  open_.push_back(state);
}

// What is `depth` steps from the start: the states of that level that are asked for, and what was reached
// within from those of the levels before.
ReachWithin::ReachWithin(const ReachedGraph& graph, const std::vector<std::uint8_t>& from,
                         const std::vector<std::uint8_t>& within)
    : graph_(graph),
      within_(within),
      reached_(graph.states(), 0),
      came_from_(graph.states(), no_state),
      turn_(graph.states(), no_state) {
  std::vector<StateNumber> frontier;
  for (std::size_t depth = 0; depth + 1 < graph.level.size() || !frontier.empty(); ++depth) {
    for (const StateNumber s : frontier)
      for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e) reach(graph.target[e], s);
    if (depth + 1 < graph.level.size()) {
      for (StateNumber s = graph.level[depth]; s < graph.level[depth + 1]; ++s)
        if (from[s] != 0) reach(s, no_state);
    }
    frontier = std::move(open_);
    open_.clear();
  }
}

Walk ReachWithin::walk_to(StateNumber state) const {
  std::vector<StateNumber> path{state};
  while (came_from_[path.back()] != no_state) path.push_back(came_from_[path.back()]);
  Walk walk = explore::walk_to(graph_, path.back());
  for (std::size_t i = path.size() - 1; i-- > 0;) step_to(walk, graph_, path[i]);
  return walk;
}

StateNumber ReachWithin::first_of(const std::vector<StateNumber>& states) const {
  return *std::min_element(states.begin(), states.end(),
                           [&](StateNumber a, StateNumber b) { return turn_[a] < turn_[b]; });
}

} // namespace tdxcheck::explore
