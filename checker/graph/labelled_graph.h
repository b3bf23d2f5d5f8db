// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A labelled transition system with silent moves, for questions about which sequences of labels it can do.
// Its *traces* are the sequences of the labels other than `silent` along its paths from an initial state.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "explore/reached_graph.h"

namespace tdxcheck::graph {

using Node = std::uint32_t;
using LabelNumber = std::uint32_t;
inline constexpr LabelNumber silent = 0;

struct LabelledEdge {
  LabelNumber label = silent;
  Node target = 0;
  friend auto operator<=>(const LabelledEdge&, const LabelledEdge&) = default;
};

struct LabelledGraph {
  std::vector<Node> initial;
  std::vector<std::uint64_t> rows{0}; // edges of node n are rows[n] .. rows[n + 1]
  std::vector<LabelledEdge> edges;

  [[nodiscard]] Node nodes() const { return static_cast<Node>(rows.size() - 1); }
  [[nodiscard]] std::span<const LabelledEdge> out(Node node) const {
    return {edges.data() + rows[node], edges.data() + rows[node + 1]};
  }
  // The edges of the next node.
  void add(std::span<const LabelledEdge> out) {
    edges.insert(edges.end(), out.begin(), out.end());
    rows.push_back(edges.size());
  }
  [[nodiscard]] std::uint64_t bytes() const {
    return rows.capacity() * sizeof(std::uint64_t) + edges.capacity() * sizeof(LabelledEdge);
  }
};

// Asked now and then by everything here that may take long, with the bytes that it holds. Whoever runs out of
// a budget throws from it.
using CheckBudget = std::function<void(std::uint64_t bytes)>;

// The reached graph (with rows), each move told by a label: by its place in MoveColumn::distinct().
[[nodiscard]] LabelledGraph labelled_graph_of(const explore::ReachedGraph& reached,
                                              const std::vector<LabelNumber>& label_of_move);

// The same traces, and no cycle of silent edges: nodes on one are merged. Nodes are numbered so that a silent
// edge leads to a smaller number; edges are sorted, each there once. Linear: R. E. Tarjan (1972).
[[nodiscard]] LabelledGraph without_silent_cycles(const LabelledGraph& graph, const CheckBudget& check);

// The same traces without silent edges: after a label, whatever silent steps lead on to. Nodes that only
// silent edges lead to are gone. Quadratic at worst.
[[nodiscard]] LabelledGraph without_silent_edges(const LabelledGraph& graph, const CheckBudget& check);

} // namespace tdxcheck::graph
