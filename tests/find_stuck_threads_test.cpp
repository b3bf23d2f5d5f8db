// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a thread that only waits, while others run for ever, would pass as alive.
#include "explore/find_stuck_threads.h"
#include "tests/random_graph.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace find_stuck_threads_test {

using namespace tdxcheck;
using explore::StateNumber;

// By definition: no state that can be reached from there has an edge of the thread.
bool is_stuck(const explore::ReachedGraph& graph, const std::vector<bool>& reaches, std::size_t thread) {
  for (StateNumber s = 0; s < graph.states(); ++s)
    for (auto e = graph.rows[s]; reaches[s] && e < graph.rows[s + 1]; ++e)
      if (graph.move[e].thread == thread) return false;
  return true;
}

TEST_CASE("the first state with a stuck thread is the one that the definition names") {
  tests::Dice dice(3);
  for (int round = 0; round < 400; ++round) {
    // More than 64 threads now and then: they are looked at 64 at a time.
    const auto threads = static_cast<std::uint16_t>(round % 10 == 0 ? 70 : dice.between(1, 4));
    const auto states = static_cast<StateNumber>(dice.between(1, 20));
    const auto graph = tests::random_graph(dice, states, states * threads, threads);
    const auto reaches = tests::reachability(graph);
    const auto at_end = [&](StateNumber s, std::size_t t) {
      return (s * 7 + t * 13 + static_cast<unsigned>(round)) % 3 != 0;
    };

    std::optional<StateNumber> expected;
    for (StateNumber s = 0; s < states && !expected; ++s)
      for (std::size_t t = 0; t < threads; ++t)
        if (!at_end(s, t) && is_stuck(graph, reaches[s], t)) expected = s;

    const auto found = explore::find_stuck_thread(graph, threads, at_end);
    REQUIRE(found.has_value() == expected.has_value());
    if (!found) continue;
    REQUIRE(found->state == *expected);
    REQUIRE(!at_end(found->state, found->thread));
    REQUIRE(is_stuck(graph, reaches[found->state], found->thread));
  }
}

// A chain against the breadth-first order: each pass learns of one more state, so that passes give up.
TEST_CASE("a thread that moves far behind many edges that lead back is not stuck") {
  constexpr StateNumber states = 100;
  for (const bool moves : {true, false}) {
    explore::ReachedGraph graph;
    graph.parent.assign(states, explore::no_state);
    // Up from 0 to the last state at once, and from there down one by one to 1, where thread 1 may move.
    for (StateNumber s = 0; s < states; ++s) {
      graph.rows.push_back(graph.target.size());
      graph.target.push_back(s == 0 ? states - 1 : std::max(s, StateNumber{2}) - 1);
      graph.move.push_back({static_cast<std::uint16_t>(s == 1 && moves ? 1 : 0), 0});
    }
    graph.rows.push_back(graph.target.size());
    const auto found = explore::find_stuck_thread(graph, 2, [](StateNumber, std::size_t) { return false; });
    REQUIRE(found.has_value());
    // Thread 0 moves everywhere but in 1, if thread 1 does.
    CHECK(found->state == (moves ? 1 : 0));
    CHECK(found->thread == (moves ? 0 : 1));
  }
}

} // namespace find_stuck_threads_test
