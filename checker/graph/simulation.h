// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether each step of one graph can be answered by one of another, for ever (D. Park, 1981; R. Milner,
// 1971): a sufficient condition for trace inclusion, and a cheap one. Decided on the fly, as a game in which
// whoever answers takes the first answer that is not known to fail: only pairs that are played are stored,
// and a pair that fails makes those that rely on it answer otherwise. What is left when nothing changes any
// more is a simulation.
//
// Over graphs without silent edges, where it is implied by weak simulation of what they were made from.
// Cost: at most pairs x edges; about 100 bytes per pair that is played. Tests: against the greatest fixpoint,
// computed by its definition, on random graphs.

#include "graph/labelled_graph.h"

#include <unordered_map>

namespace tdxcheck::graph {

class Simulation {
public:
  // Both without silent edges. They must outlive this.
  Simulation(const LabelledGraph& simulated, const LabelledGraph& by, const CheckBudget& check);

  // Each initial node of the one is simulated by an initial node of the other.
  [[nodiscard]] bool includes_every_start() const { return every_start_; }
  // Known for the pairs that were played; false says nothing of others.
  [[nodiscard]] bool is_known(Node node, Node by) const;
  [[nodiscard]] std::size_t pairs() const { return pairs_.size(); }

private:
  // An edge of the pair's first node, which relies on the answer that `answer` stands at.
  struct Challenge {
    std::uint32_t pair;
    std::uint64_t edge, answer; // in the two graphs
  };
  struct Pair {
    Node node, by;
    bool fails = false;
    std::vector<std::uint32_t> relied_on_by; // challenges
  };

  [[nodiscard]] std::uint32_t pair(Node node, Node by);
  [[nodiscard]] bool holds(Node node, Node by);
  void settle();
  void challenge(std::uint32_t pair);
  void answer(std::uint32_t challenge);
  void fail(std::uint32_t pair);

  const LabelledGraph& simulated_;
  const LabelledGraph& by_;
  const CheckBudget& check_;
  std::vector<Pair> pairs_;
  std::vector<Challenge> challenges_;
  std::unordered_map<std::uint64_t, std::uint32_t> number_;
  std::vector<std::uint32_t> unplayed_, unanswered_;
  bool every_start_ = true;
};

} // namespace tdxcheck::graph
