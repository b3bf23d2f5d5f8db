// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether every trace of one graph is one of another: a simulation first, then antichains. M. De Wulf,
// L. Doyen, T. A. Henzinger, J.-F. Raskin, Antichains: a new algorithm for checking universality of finite
// automata (2006): the second graph is determinised on the fly, and of the pairs (node, set of nodes that the
// other may be in) only those with the smallest sets are kept, since a larger set can do more. A pair whose
// node is simulated by a member of its set is left out (P. A. Abdulla, Y.-F. Chen, L. Holik, R. Mayr,
// T. Vojnar, When simulation meets antichains, 2010). Breadth first: the trace that is found is a shortest.
//
// Both graphs are made small before that (branching_bisimulation.h), which is most of the work.
// Cost: exponential at worst, as the problem is PSPACE-complete. Tests: against the plain subset construction
// on random graphs.

#include "graph/labelled_graph.h"

#include <string>
#include <vector>

namespace tdxcheck::graph {

// A graph with the same traces, small and without silent edges.
[[nodiscard]] LabelledGraph with_the_same_traces(const LabelledGraph& graph, const CheckBudget& check);

struct Inclusion {
  bool included = false;
  bool by_simulation = false;     // and not by antichains
  std::vector<LabelNumber> trace; // where not included: a shortest trace that the other does not have
  std::size_t pairs = 0;          // that were looked at
};

// Of graphs without silent edges, sorted as with_the_same_traces() leaves them.
[[nodiscard]] Inclusion trace_inclusion(const LabelledGraph& graph, const LabelledGraph& in,
                                        const CheckBudget& check);

// A shortest path that has the trace (as edges of rows); empty and false if there is none.
struct TracePath {
  bool found = false;
  Node start = 0;
  std::vector<std::uint64_t> edges;
};
[[nodiscard]] TracePath shortest_path_with(const LabelledGraph& graph, const std::vector<LabelNumber>& trace,
                                           const CheckBudget& check);

} // namespace tdxcheck::graph
