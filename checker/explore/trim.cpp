// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/subgraph.h"

namespace tdxcheck::explore {
namespace {

constexpr int most_passes = 8;

std::vector<StateNumber> predecessors_within(const ReachedGraph& graph, const Subgraph& part) {
  std::vector<StateNumber> count(graph.states(), 0);
  for (StateNumber s = 0; s < graph.states(); ++s) {
    if (!part.has(s)) continue;
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
      if (part.has_edge(graph, e)) ++count[graph.target[e]];
  }
  return count;
}

void trim_from_the_start(const ReachedGraph& graph, Subgraph& part) {
  std::vector<StateNumber> predecessors = predecessors_within(graph, part), open;
  for (StateNumber s = 0; s < graph.states(); ++s)
    if (part.has(s) && predecessors[s] == 0) open.push_back(s);
  while (!open.empty()) {
    const StateNumber s = open.back();
    open.pop_back();
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
      if (part.has_edge(graph, e) && --predecessors[graph.target[e]] == 0) open.push_back(graph.target[e]);
    part.in[s] = 0;
  }
}

bool goes_on(const ReachedGraph& graph, const Subgraph& part, StateNumber state) {
  for (std::uint64_t e = graph.rows[state]; e < graph.rows[state + 1]; ++e)
    if (part.has_edge(graph, e)) return true;
  return false;
}

// Successors mostly have larger numbers, so that one pass downwards takes whole tails away.
bool trim_from_the_end(const ReachedGraph& graph, Subgraph& part) {
  bool trimmed = false;
  for (StateNumber s = graph.states(); s-- > 0;) {
    if (!part.has(s) || goes_on(graph, part, s)) continue;
    part.in[s] = 0;
    trimmed = true;
  }
  return trimmed;
}

} // namespace

void trim(const ReachedGraph& graph, Subgraph& part) {
  for (int pass = 0; pass < most_passes && trim_from_the_end(graph, part); ++pass) {
  }
  trim_from_the_start(graph, part);
}

} // namespace tdxcheck::explore
