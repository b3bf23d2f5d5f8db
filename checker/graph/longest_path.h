// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The exact worst case of a section of one thread's code (a loop from enter to leave, an operation from begin
// to end): the most that any run whatever adds up in it. Fairness bounds no finite delay, so all paths count.
//
// The section's states and the edges that go on in it form a graph with weights. Inside a component nothing
// may be added, or the sum has no bound: the component has a cycle through the edge that adds. Otherwise all
// states of a component have the same largest sum, and the quotient is acyclic: the longest path from where
// the section begins is a shortest path with the signs turned round (Boost.Graph: dag_shortest_paths over a
// compressed_sparse_row_graph). The witness is read off backwards: an edge that attains the sum of the
// component that it leads to.
//
// Cost: the edges between components once more, 24 bytes each, and 16 bytes per component. Limits: sums fit
// 62 bits. Tests: longest_path_test.cpp, against runs with an unrolled counter through semantics/.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "explore/reached_graph.h"

namespace tdxcheck::graph {

using explore::Move;
using explore::ReachedGraph;
using explore::StateNumber;
using Amount = std::int64_t; // never negative

// What a move does to the sum. Which of them are there depends on the move alone, the amounts may depend on
// the state.
struct Passage {
  std::optional<Amount> through = 0; // the section goes on, if it was open
  std::optional<Amount> ends = {};   // it ends (or begins anew), and that much was added before
  std::optional<Amount> begins = {}; // it begins, is open behind the move, and that much was added since
  std::optional<Amount> inside = {}; // it begins and ends within the move: the most that is added
};

struct Section {
  std::vector<std::uint8_t> in; // states in which it is open
  std::function<Passage(StateNumber, Move)> passage;
  Amount at_start = 0; // where it is open in an initial state
};

// Strongly connected components of the section's states by the edges that go on in it, in reverse topological
// order: an edge never leads to a larger number.
struct SectionComponents {
  std::vector<StateNumber> of; // of the states that are in it
  StateNumber count = 0;
};

struct Longest {
  bool bounded = true;
  Amount value = 0;                 // bounded: the supremum, which some run attains
  bool entered = false;             // some run enters the section at all
  StateNumber from = 0;             // the witness starts there ...
  std::vector<std::uint64_t> edges; // ... and goes through these: bounded, from before the section begins
                                    // until the sum is attained; otherwise round a cycle that adds
};

[[nodiscard]] Longest longest_path(const ReachedGraph& graph, const Section& section,
                                   const SectionComponents& components);

} // namespace tdxcheck::graph
