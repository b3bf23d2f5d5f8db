// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this an antichain could cover a pair with a larger set, a silent step could be taken for one that
// is seen, or a quotient could merge what does different things: `diff` would then call two variants equal.
#include "graph/branching_bisimulation.h"
#include "graph/simulation.h"
#include "graph/trace_inclusion.h"
#include "tests/random_labelled_graph.h"

#include <doctest/doctest.h>

#include <map>

namespace trace_inclusion_test {

using namespace tdxcheck;
using graph::LabelledGraph;
using graph::Node;

void no_budget(std::uint64_t) {}
constexpr unsigned labels = 3;

LabelledGraph small_graph(tests::Dice& dice) {
  const auto nodes = static_cast<Node>(dice.between(1, 9));
  return tests::random_labelled_graph(dice, nodes, static_cast<unsigned>(dice.between(0, 24)), labels,
                                      dice.chance(50) ? 0U : 40U);
}

// The greatest simulation, by its definition.
std::vector<std::vector<bool>> greatest_simulation(const LabelledGraph& a, const LabelledGraph& b) {
  std::vector<std::vector<bool>> holds(a.nodes(), std::vector<bool>(b.nodes(), true));
  const auto answered = [&](Node m, const graph::LabelledEdge& edge) {
    for (const auto& other : b.out(m))
      if (other.label == edge.label && holds[edge.target][other.target]) return true;
    return false;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (Node n = 0; n < a.nodes(); ++n)
      for (Node m = 0; m < b.nodes(); ++m)
        for (const auto& edge : a.out(n))
          if (holds[n][m] && !answered(m, edge)) holds[n][m] = false, changed = true;
  }
  return holds;
}

// How many classes of strong bisimilarity the reachable nodes have, by its definition.
std::size_t strong_classes(const LabelledGraph& g) {
  std::vector<std::size_t> of(g.nodes(), 0);
  for (std::size_t count = 1;;) {
    using Signature = std::pair<std::size_t, std::set<std::pair<graph::LabelNumber, std::size_t>>>;
    std::map<Signature, std::size_t> numbers;
    std::vector<std::size_t> next;
    for (Node n = 0; n < g.nodes(); ++n) {
      Signature signature{of[n], {}};
      for (const auto& edge : g.out(n)) signature.second.emplace(edge.label, of[edge.target]);
      next.push_back(numbers.try_emplace(signature, numbers.size()).first->second);
    }
    if (numbers.size() == count) return count;
    count = numbers.size();
    of = next;
  }
}

TEST_CASE("trace inclusion agrees with the plain subset construction, and its trace is a shortest") {
  int included = 0, different = 0, by_antichains = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    CAPTURE(seed);
    tests::Dice dice(seed);
    const LabelledGraph a = small_graph(dice);
    // Often something alike, so that both answers come up.
    LabelledGraph b = small_graph(dice);
    if (dice.chance(60)) {
      b = a;
      for (auto& edge : b.edges)
        if (dice.chance(10)) edge.target = static_cast<Node>(dice.below(b.nodes()));
    }
    const auto small_a = graph::with_the_same_traces(a, no_budget);
    const auto small_b = graph::with_the_same_traces(b, no_budget);
    const auto expected = tests::plain_difference(a, b, labels);
    const graph::Inclusion inclusion = graph::trace_inclusion(small_a, small_b, no_budget);
    REQUIRE(inclusion.included == !expected.has_value());
    included += int{inclusion.included};
    by_antichains += int{inclusion.included && !inclusion.by_simulation};
    if (!expected) continue;
    ++different;
    CHECK(inclusion.trace.size() == expected->size());
    CHECK(tests::has_trace(a, inclusion.trace));
    CHECK_FALSE(tests::has_trace(b, inclusion.trace));
  }
  CHECK(included > 500);
  CHECK(different > 500);
  CHECK(by_antichains > 10);
}

TEST_CASE("making a graph small keeps its traces both ways") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    tests::Dice dice(seed);
    const LabelledGraph a = small_graph(dice);
    for (const LabelledGraph& small :
         {graph::without_silent_cycles(a, no_budget), graph::without_silent_edges(a, no_budget),
          graph::branching_quotient(graph::without_silent_cycles(a, no_budget), no_budget),
          graph::with_the_same_traces(a, no_budget)}) {
      CHECK_FALSE(tests::plain_difference(a, small, labels));
      CHECK_FALSE(tests::plain_difference(small, a, labels));
    }
  }
}

TEST_CASE("where nothing is silent the quotient has one node per class of strong bisimilarity") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    tests::Dice dice(seed);
    const auto nodes = static_cast<Node>(dice.between(1, 12));
    const LabelledGraph a = tests::random_labelled_graph(dice, nodes, nodes * 2, 2, 0);
    CHECK(graph::branching_quotient(a, no_budget).nodes() == strong_classes(a));
  }
}

TEST_CASE("every pair that a simulation is known for is one of the greatest simulation") {
  int starts = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    tests::Dice dice(seed);
    const LabelledGraph a = graph::without_silent_edges(small_graph(dice), no_budget);
    const LabelledGraph b = dice.chance(50) ? a : graph::without_silent_edges(small_graph(dice), no_budget);
    const graph::Simulation simulation(a, b, no_budget);
    const auto greatest = greatest_simulation(a, b);
    bool all = true;
    for (const Node n : a.initial) {
      bool any = false;
      for (const Node m : b.initial) any = any || greatest[n][m];
      all = all && any;
    }
    CHECK(simulation.includes_every_start() == all);
    starts += int{all};
    for (Node n = 0; n < a.nodes(); ++n)
      for (Node m = 0; m < b.nodes(); ++m)
        if (simulation.is_known(n, m)) CHECK(greatest[n][m]);
  }
  CHECK(starts > 200);
}

TEST_CASE("a path with a trace takes the fewest steps") {
  // 0 -silent-> 1 -1-> 2, and 0 -1-> 3 -2-> 4, 2 -silent-> 3
  LabelledGraph a;
  a.initial = {0};
  a.add(std::vector<graph::LabelledEdge>{{graph::silent, 1}, {1, 3}});
  a.add(std::vector<graph::LabelledEdge>{{1, 2}});
  a.add(std::vector<graph::LabelledEdge>{{graph::silent, 3}});
  a.add(std::vector<graph::LabelledEdge>{{2, 4}});
  a.add({});
  const auto path = graph::shortest_path_with(a, {1, 2}, no_budget);
  REQUIRE(path.found);
  CHECK(path.start == 0);
  CHECK(path.edges == std::vector<std::uint64_t>{1, 4});
  CHECK_FALSE(graph::shortest_path_with(a, {2}, no_budget).found);
}

TEST_CASE("whoever gives up in the middle is heard") {
  struct Enough {};
  tests::Dice dice(1);
  const LabelledGraph a = small_graph(dice);
  CHECK_THROWS_AS((void)graph::with_the_same_traces(a, [](std::uint64_t) { throw Enough{}; }), Enough);
}

} // namespace trace_inclusion_test
