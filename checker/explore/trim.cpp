// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/subgraph.h"

namespace tdxcheck::explore {
namespace {

constexpr int most_passes = 8;

// Bytes, so that the count of every state stays near the processor. One that has reached `many` is not
// counted down again: its state is not trimmed from this side, which components make up for.
constexpr std::uint8_t many = 255;

std::vector<std::uint8_t> predecessors_within(const ReachedGraph& graph, const PartView& part) {
  std::vector<std::uint8_t> count(graph.states(), 0);
  for (StateNumber s = 0; s < graph.states(); ++s) {
    if (!part.has(s)) continue;
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e) {
      if (!part.has_edge(graph, e)) continue;
      std::uint8_t& of_target = count[graph.target[e]];
      if (of_target != many) ++of_target;
    }
  }
  return count;
}

// Along the breadth-first order, in which most states have their predecessors before them; only those that
// come too late are kept on a list.
void trim_from_the_start(const ReachedGraph& graph, const PartView& view, Subgraph& part) {
  std::vector<std::uint8_t> predecessors = predecessors_within(graph, view);
  std::vector<StateNumber> late;
  for (StateNumber next = 0; next < graph.states(); ++next) {
    if (!view.has(next) || predecessors[next] != 0) continue;
    late.push_back(next);
    while (!late.empty()) {
      const StateNumber s = late.back();
      late.pop_back();
      for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e) {
        if (!view.has_edge(graph, e)) continue;
        const StateNumber target = graph.target[e];
        if (predecessors[target] == many || --predecessors[target] != 0) continue;
        if (target < next) late.push_back(target);
      }
      part.in[s] = 0;
    }
  }
}

bool goes_on(const ReachedGraph& graph, const PartView& part, StateNumber state) {
  for (std::uint64_t e = graph.rows[state]; e < graph.rows[state + 1]; ++e)
    if (part.has_edge(graph, e)) return true;
  return false;
}

// Successors mostly have larger numbers, so that one pass downwards takes whole tails away.
bool trim_from_the_end(const ReachedGraph& graph, const PartView& view, Subgraph& part) {
  bool trimmed = false;
  for (StateNumber s = graph.states(); s-- > 0;) {
    if (!part.has(s) || goes_on(graph, view, s)) continue;
    part.in[s] = 0;
    trimmed = true;
  }
  return trimmed;
}

} // namespace

void trim(const ReachedGraph& graph, Subgraph& part) {
  const PartView view(graph, part);
  for (int pass = 0; pass < most_passes && trim_from_the_end(graph, view, part); ++pass) {
  }
  trim_from_the_start(graph, view, part);
}

} // namespace tdxcheck::explore
