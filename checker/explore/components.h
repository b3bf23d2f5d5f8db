// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Strongly connected components of the reached graph, on its rows: R. E. Tarjan, Depth-first search and
// linear graph algorithms (1972), in the iterative form with one number per state of D. J. Pearce, A
// space-efficient algorithm for finding strongly connected components (2016), after E. Nuutila and E.
// Soisalon-Soininen (1994).
//
// Cost: one pass over the edges, bound by the latency of memory; 4 bytes per state and what lies on the
// stacks. Tests: components_test.cpp, against mutual reachability on random graphs.

#include <vector>

#include "explore/reached_graph.h"
#include "explore/subgraph.h"

namespace tdxcheck::explore {

// Components are numbered in reverse topological order: an edge never leads to a larger number.
struct Components {
  std::vector<StateNumber> of; // by state
  StateNumber count = 0;
};

[[nodiscard]] Components strongly_connected_components(const ReachedGraph& graph);

// Of a part of the graph; states that are not in it have no component.
inline constexpr StateNumber no_component = no_state;
[[nodiscard]] Components strongly_connected_components(const ReachedGraph& graph, const Subgraph& part);

// States that have a component, sorted by it, and where each component begins (one more than components).
struct ByComponent {
  std::vector<StateNumber> first, states;
};
[[nodiscard]] ByComponent by_component(const Components& components);

} // namespace tdxcheck::explore
