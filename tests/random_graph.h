// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Reached graphs out of nothing, for what works on rows alone. Not every state need be reachable.

#include "explore/reached_graph.h"
#include "tests/dice.h"

namespace tdxcheck::tests {

inline explore::ReachedGraph random_graph(Dice& dice, explore::StateNumber states, unsigned edges,
                                          std::uint16_t threads = 1) {
  explore::ReachedGraph graph;
  std::vector<std::vector<std::pair<explore::StateNumber, std::uint16_t>>> out(states);
  for (unsigned e = 0; e < edges; ++e) {
    out[dice.below(states)].emplace_back(static_cast<explore::StateNumber>(dice.below(states)),
                                         static_cast<std::uint16_t>(dice.below(threads)));
  }
  graph.parent.assign(states, explore::no_state);
  for (const auto& edges_of_state : out) {
    graph.rows.push_back(graph.target.size());
    for (const auto& [to, thread] : edges_of_state) {
      graph.target.push_back(to);
      graph.move.push_back({thread, 0});
    }
  }
  graph.rows.push_back(graph.target.size());
  graph.level = {0, states};
  graph.transitions = edges;
  return graph;
}

// By state, by state: whether the second can be reached from the first in any number of steps.
inline std::vector<std::vector<bool>> reachability(const explore::ReachedGraph& graph) {
  const explore::StateNumber states = graph.states();
  std::vector<std::vector<bool>> reaches(states, std::vector<bool>(states, false));
  for (explore::StateNumber s = 0; s < states; ++s) {
    std::vector<explore::StateNumber> open{s};
    reaches[s][s] = true;
    while (!open.empty()) {
      const explore::StateNumber at = open.back();
      open.pop_back();
      for (auto e = graph.rows[at]; e < graph.rows[at + 1]; ++e) {
        if (reaches[s][graph.target[e]]) continue;
        reaches[s][graph.target[e]] = true;
        open.push_back(graph.target[e]);
      }
    }
  }
  return reaches;
}

} // namespace tdxcheck::tests
