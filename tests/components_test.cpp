// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a component that is split in two, or closed too early, would pass: threads that can still move
// would be called stuck, and fair cycles would be missed.
#include "explore/components.h"
#include "tests/random_graph.h"

#include <doctest/doctest.h>

#include <set>

namespace components_test {

using namespace tdxcheck;
using explore::StateNumber;

TEST_CASE("two states are in one component exactly if each reaches the other") {
  tests::Dice dice(1);
  for (int round = 0; round < 400; ++round) {
    const auto states = static_cast<StateNumber>(dice.between(1, 30));
    const auto graph = tests::random_graph(dice, states, static_cast<unsigned>(dice.below(3 * states)));
    const explore::Components components = explore::strongly_connected_components(graph);
    const auto reaches = tests::reachability(graph);
    for (StateNumber a = 0; a < states; ++a)
      for (StateNumber b = 0; b < states; ++b)
        REQUIRE((components.of[a] == components.of[b]) == (reaches[a][b] && reaches[b][a]));
  }
}

TEST_CASE("components are numbered without gaps, and no edge leads to a larger number") {
  tests::Dice dice(2);
  for (int round = 0; round < 200; ++round) {
    const auto graph = tests::random_graph(dice, 200, static_cast<unsigned>(dice.below(500)));
    const explore::Components components = explore::strongly_connected_components(graph);
    std::set<StateNumber> numbers(components.of.begin(), components.of.end());
    REQUIRE(numbers.size() == components.count);
    REQUIRE(*numbers.rbegin() + 1 == components.count);
    for (StateNumber s = 0; s < graph.states(); ++s)
      for (auto e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
        REQUIRE(components.of[graph.target[e]] <= components.of[s]);
  }
}

TEST_CASE("a path of a million states needs no deep stack") {
  explore::ReachedGraph graph;
  constexpr StateNumber states = 1'000'000;
  graph.parent.assign(states, explore::no_state);
  for (StateNumber s = 0; s < states; ++s) {
    graph.rows.push_back(s);
    graph.target.push_back(s + 1 < states ? s + 1 : states / 2);
    graph.move.push_back({});
  }
  graph.rows.push_back(states);
  CHECK(explore::strongly_connected_components(graph).count == states / 2 + 1);
}

} // namespace components_test
