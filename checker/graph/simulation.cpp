// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/simulation.h"

#include <algorithm>

namespace tdxcheck::graph {
namespace {

std::uint64_t key_of(Node node, Node by) { return (std::uint64_t{node} << 32) | by; }

} // namespace

Simulation::Simulation(const LabelledGraph& simulated, const LabelledGraph& by, const CheckBudget& check)
    : simulated_(simulated), by_(by), check_(check) {
  for (const Node node : simulated.initial)
    every_start_ =
        every_start_ && std::ranges::any_of(by.initial, [&](Node other) { return holds(node, other); });
}

bool Simulation::is_known(Node node, Node by) const {
  const auto found = number_.find(key_of(node, by));
  return found != number_.end() && !pairs_[found->second].fails;
}

bool Simulation::holds(Node node, Node by) {
  const std::uint32_t asked = pair(node, by);
  settle();
  return !pairs_[asked].fails;
}

std::uint32_t Simulation::pair(Node node, Node by) {
  const auto [found, is_new] =
      number_.try_emplace(key_of(node, by), static_cast<std::uint32_t>(pairs_.size()));
  if (is_new) {
    pairs_.push_back({node, by, false, {}});
    unplayed_.push_back(found->second);
  }
  return found->second;
}

// Answers before new pairs: what fails early need not be played.
void Simulation::settle() {
  constexpr std::uint64_t often = 1024;
  for (std::uint64_t n = 0; !unplayed_.empty() || !unanswered_.empty(); ++n) {
    if (n % often == 0)
      check_(pairs_.size() * (sizeof(Pair) + 56) + challenges_.size() * (sizeof(Challenge) + 4));
    if (!unanswered_.empty()) {
      const std::uint32_t next = unanswered_.back();
      unanswered_.pop_back();
      answer(next);
    } else {
      const std::uint32_t next = unplayed_.back();
      unplayed_.pop_back();
      if (!pairs_[next].fails) challenge(next);
    }
  }
}

void Simulation::challenge(std::uint32_t pair) {
  const Node node = pairs_[pair].node, by = pairs_[pair].by;
  // A label that cannot be answered at all fails before anything is stored.
  const auto answers = by_.out(by);
  for (const LabelledEdge& edge : simulated_.out(node))
    if (!std::ranges::binary_search(answers, edge.label, {}, &LabelledEdge::label)) return fail(pair);
  for (std::uint64_t e = simulated_.rows[node]; e < simulated_.rows[node + std::size_t{1}]; ++e) {
    unanswered_.push_back(static_cast<std::uint32_t>(challenges_.size()));
    challenges_.push_back({pair, e, by_.rows[by]});
  }
}

void Simulation::answer(std::uint32_t number) {
  Challenge& challenge = challenges_[number];
  if (pairs_[challenge.pair].fails) return;
  const LabelledEdge asked = simulated_.edges[challenge.edge];
  const std::uint64_t end = by_.rows[pairs_[challenge.pair].by + std::size_t{1}];
  for (; challenge.answer < end; ++challenge.answer) {
    const LabelledEdge& edge = by_.edges[challenge.answer];
    if (edge.label != asked.label) continue;
    const std::uint32_t next = pair(asked.target, edge.target);
    if (pairs_[next].fails) continue;
    pairs_[next].relied_on_by.push_back(number);
    return;
  }
  fail(challenge.pair);
}

void Simulation::fail(std::uint32_t pair) {
  pairs_[pair].fails = true;
  std::vector<std::uint32_t> relying;
  relying.swap(pairs_[pair].relied_on_by);
  unanswered_.insert(unanswered_.end(), relying.begin(), relying.end());
}

} // namespace tdxcheck::graph
