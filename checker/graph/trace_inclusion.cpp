// SPDX-License-Identifier: GPL-2.0-or-later
#include "graph/trace_inclusion.h"

#include "graph/branching_bisimulation.h"
#include "graph/simulation.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace tdxcheck::graph {
namespace {

using Set = std::vector<Node>; // sorted

constexpr std::uint32_t no_pair = std::numeric_limits<std::uint32_t>::max();

// Where the nodes of the set may be after a label.
Set after(const LabelledGraph& graph, const Set& set, LabelNumber label) {
  Set next;
  for (const Node node : set) {
    const auto edges = std::ranges::equal_range(graph.out(node), label, {}, &LabelledEdge::label);
    for (const LabelledEdge& edge : edges) next.push_back(edge.target);
  }
  std::sort(next.begin(), next.end());
  next.erase(std::unique(next.begin(), next.end()), next.end());
  return next;
}

class Antichains {
public:
  Antichains(const LabelledGraph& graph, const LabelledGraph& in, const Simulation& simulation,
             const CheckBudget& check)
      : graph_(graph), in_(in), simulation_(simulation), check_(check), smallest_(graph.nodes()) {}

  [[nodiscard]] Inclusion decide() {
    const std::uint32_t start = store(in_.initial);
    for (const Node node : graph_.initial) add(node, start, no_pair, silent);
    for (std::uint32_t p = 0; p < pairs_.size() && !found_; ++p) expand(p);
    Inclusion inclusion{!found_, false, trace_, pairs_.size()};
    return inclusion;
  }

private:
  struct Pair {
    Node node;
    std::uint32_t set, parent;
    LabelNumber label; // that led here
  };

  std::uint32_t store(const Set& set) {
    sets_.push_back(set);
    bytes_ += set.size() * sizeof(Node) + sizeof(Set);
    return static_cast<std::uint32_t>(sets_.size() - 1);
  }

  // Those added before lie no deeper, so that leaving out what they cover loses no shortest trace.
  void add(Node node, std::uint32_t set, std::uint32_t parent, LabelNumber label) {
    const Set& members = sets_[set];
    if (std::ranges::any_of(members, [&](Node by) { return simulation_.is_known(node, by); })) return;
    auto& smallest = smallest_[node];
    for (const std::uint32_t other : smallest)
      if (std::ranges::includes(members, sets_[other])) return;
    std::erase_if(smallest,
                  [&](std::uint32_t other) { return std::ranges::includes(sets_[other], members); });
    smallest.push_back(set);
    pairs_.push_back({node, set, parent, label});
  }

  void expand(std::uint32_t number) {
    constexpr std::uint32_t often = 64;
    if (number % often == 0) check_(bytes_ + pairs_.size() * (sizeof(Pair) + sizeof(std::uint32_t)));
    const Pair pair = pairs_[number];
    const auto edges = graph_.out(pair.node);
    for (std::size_t e = 0; e < edges.size();) {
      const LabelNumber label = edges[e].label;
      const Set next = after(in_, sets_[pair.set], label);
      if (next.empty()) return tell(number, label);
      const std::uint32_t set = store(next);
      const std::size_t before = pairs_.size();
      for (; e < edges.size() && edges[e].label == label; ++e) add(edges[e].target, set, number, label);
      if (pairs_.size() == before) { // nobody wants it
        bytes_ -= sets_.back().size() * sizeof(Node) + sizeof(Set);
        sets_.pop_back();
      }
    }
  }

  void tell(std::uint32_t pair, LabelNumber last) {
    found_ = true;
    trace_ = {last};
    for (; pairs_[pair].parent != no_pair; pair = pairs_[pair].parent) trace_.push_back(pairs_[pair].label);
    std::reverse(trace_.begin(), trace_.end());
  }

  const LabelledGraph& graph_;
  const LabelledGraph& in_;
  const Simulation& simulation_;
  const CheckBudget& check_;
  std::vector<Set> sets_;
  std::vector<Pair> pairs_;                          // in the order in which they are looked at
  std::vector<std::vector<std::uint32_t>> smallest_; // by node: the antichain of its sets
  std::uint64_t bytes_ = 0;
  bool found_ = false;
  std::vector<LabelNumber> trace_;
};

} // namespace

LabelledGraph with_the_same_traces(const LabelledGraph& graph, const CheckBudget& check) {
  const LabelledGraph told =
      without_silent_edges(branching_quotient(without_silent_cycles(graph, check), check), check);
  return branching_quotient(told, check);
}

Inclusion trace_inclusion(const LabelledGraph& graph, const LabelledGraph& in, const CheckBudget& check) {
  const Simulation simulation(graph, in, check);
  if (simulation.includes_every_start()) return {true, true, {}, simulation.pairs()};
  return Antichains(graph, in, simulation, check).decide();
}

// Breadth first over nodes and how much of the trace they are behind.
TracePath shortest_path_with(const LabelledGraph& graph, const std::vector<LabelNumber>& trace,
                             const CheckBudget& check) {
  struct Reached {
    Node node;
    std::uint32_t done, from;
    std::uint64_t edge;
  };
  std::vector<Reached> reached;
  std::vector<std::unordered_map<Node, std::uint32_t>> seen(trace.size() + 1);
  const auto reach = [&](Node node, std::uint32_t done, std::uint32_t from, std::uint64_t edge) {
    if (seen[done].try_emplace(node, static_cast<std::uint32_t>(reached.size())).second)
      reached.push_back({node, done, from, edge});
  };
  for (const Node node : graph.initial) reach(node, 0, no_pair, 0);
  for (std::uint32_t r = 0; r < reached.size(); ++r) {
    constexpr std::uint32_t often = 4096;
    if (r % often == 0) check(reached.size() * (sizeof(Reached) + 48));
    const Reached at = reached[r];
    if (at.done == trace.size()) {
      TracePath path{true, at.node, {}};
      for (std::uint32_t back = r; reached[back].from != no_pair; back = reached[back].from) {
        path.edges.push_back(reached[back].edge);
        path.start = reached[reached[back].from].node;
      }
      std::reverse(path.edges.begin(), path.edges.end());
      return path;
    }
    for (std::uint64_t e = graph.rows[at.node]; e < graph.rows[at.node + std::size_t{1}]; ++e) {
      const LabelledEdge& edge = graph.edges[e];
      if (edge.label == silent) reach(edge.target, at.done, r, e);
      else if (edge.label == trace[at.done]) reach(edge.target, at.done + 1, r, e);
    }
  }
  return {};
}

} // namespace tdxcheck::graph
