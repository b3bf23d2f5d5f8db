// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A part of the reached graph: some of its states, and the edges between them whose move counts.

#include <vector>

#include "explore/by_move.h"
#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct Subgraph {
  std::vector<std::uint8_t> in; // by state
  MoveSet moves;

  [[nodiscard]] bool has(StateNumber state) const { return in[state] != 0; }
  // Of a state that is in it.
  [[nodiscard]] bool has_edge(const ReachedGraph& graph, std::uint64_t edge) const {
    return moves[graph.move[edge]] != 0 && in[graph.target[edge]] != 0;
  }
};

// The same for loops over all edges: which moves count is looked up by their numbers in the graph.
class PartView {
public:
  PartView(const ReachedGraph& graph, const Subgraph& part) : in_(part.in.data()) {
    for (const Move move : graph.move.distinct()) counts_.push_back(part.moves[move]);
  }
  [[nodiscard]] bool has(StateNumber state) const { return in_[state] != 0; }
  [[nodiscard]] bool has_edge(const ReachedGraph& graph, std::uint64_t edge) const {
    return counts_[graph.move.number(edge)] != 0 && in_[graph.target[edge]] != 0;
  }

private:
  const std::uint8_t* in_; // of the part, as it changes
  std::vector<std::uint8_t> counts_;
};

// Takes states out that no cycle of the part goes through: those without a predecessor in it, again and
// again, and most of those without a successor (a few passes against the breadth-first order). What is left
// has the same cycles. Linear, and much cheaper per state than finding components.
void trim(const ReachedGraph& graph, Subgraph& part);

} // namespace tdxcheck::explore
