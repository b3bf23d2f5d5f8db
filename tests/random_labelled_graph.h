// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Labelled graphs out of nothing, and their traces by the plain subset construction.

#include "graph/labelled_graph.h"
#include "tests/dice.h"

#include <optional>
#include <set>
#include <utility>

namespace tdxcheck::tests {

using Nodes = std::set<graph::Node>;
using LabelSequence = std::vector<graph::LabelNumber>;

// Labels 1 .. labels, and silent edges in about that percentage.
inline graph::LabelledGraph random_labelled_graph(Dice& dice, graph::Node nodes, unsigned edges,
                                                  unsigned labels, unsigned silent_percent) {
  std::vector<std::vector<graph::LabelledEdge>> out(nodes);
  for (unsigned e = 0; e < edges; ++e) {
    const graph::LabelNumber label =
        dice.chance(silent_percent) ? graph::silent : 1 + static_cast<unsigned>(dice.below(labels));
    out[dice.below(nodes)].push_back({label, static_cast<graph::Node>(dice.below(nodes))});
  }
  graph::LabelledGraph graph;
  graph.initial = {0};
  if (dice.chance(20)) graph.initial.push_back(static_cast<graph::Node>(nodes - 1));
  for (const auto& edges_of_node : out) graph.add(edges_of_node);
  return graph;
}

inline Nodes silently_from(const graph::LabelledGraph& graph, Nodes nodes) {
  std::vector<graph::Node> open(nodes.begin(), nodes.end());
  while (!open.empty()) {
    const graph::Node at = open.back();
    open.pop_back();
    for (const auto& edge : graph.out(at))
      if (edge.label == graph::silent && nodes.insert(edge.target).second) open.push_back(edge.target);
  }
  return nodes;
}

inline Nodes plainly_after(const graph::LabelledGraph& graph, const Nodes& nodes, graph::LabelNumber label) {
  Nodes next;
  for (const graph::Node node : nodes)
    for (const auto& edge : graph.out(node))
      if (edge.label == label) next.insert(edge.target);
  return silently_from(graph, next);
}

inline bool has_trace(const graph::LabelledGraph& graph, const LabelSequence& trace) {
  Nodes nodes = silently_from(graph, {graph.initial.begin(), graph.initial.end()});
  for (const graph::LabelNumber label : trace) nodes = plainly_after(graph, nodes, label);
  return !nodes.empty();
}

// A shortest trace of the one that the other does not have: both determinised, breadth first.
inline std::optional<LabelSequence> plain_difference(const graph::LabelledGraph& graph,
                                                     const graph::LabelledGraph& in, unsigned labels) {
  std::vector<std::pair<std::pair<Nodes, Nodes>, LabelSequence>> open;
  std::set<std::pair<Nodes, Nodes>> seen;
  const std::pair<Nodes, Nodes> start{silently_from(graph, {graph.initial.begin(), graph.initial.end()}),
                                      silently_from(in, {in.initial.begin(), in.initial.end()})};
  seen.insert(start);
  open.emplace_back(start, LabelSequence{});
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto [at, trace] = open[i];
    for (graph::LabelNumber label = 1; label <= labels; ++label) {
      LabelSequence longer = trace;
      longer.push_back(label);
      const Nodes mine = plainly_after(graph, at.first, label), its = plainly_after(in, at.second, label);
      if (mine.empty()) continue;
      if (its.empty()) return longer;
      if (seen.emplace(mine, its).second) open.emplace_back(std::pair{mine, its}, longer);
    }
  }
  return {};
}

} // namespace tdxcheck::tests
