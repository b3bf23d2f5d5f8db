// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Fair cycles of a part of the reached graph. Fairness belongs to steps, and is a condition on what a run
// does again and again, so that a fair run which stays in the part exists exactly if some strongly connected
// set of its states is fair as a whole:
//   weak    a step that is enabled in all of its states is taken on one of its edges
//   strong  a step that is enabled in one of its states is taken on one of its edges
// A weakly fair step that fails makes every subset fail. A strongly fair one may only be enabled in states
// that the subset leaves out: those states go, and the components of the rest are looked at again (the
// recursion for Streett conditions: O. Lichtenstein, A. Pnueli, Checking that finite state concurrent
// programs satisfy their linear specification, 1985; E. A. Emerson, C.-L. Lei, Modalities for model checking,
// 1987). Nested depth-first search, as in G. J. Holzmann's SPIN, would copy the graph once per process for
// weak fairness and cannot do strong fairness at all. *Enabled* is meant in the whole graph: a step whose
// edge leads out of the part counts.
//
// Cost: trimming, then one pass for components and one for judging them per round; a round per level of the
// recursion, each on what the last one left. 13 bytes per state beside the graph. Tests:
// fair_cycles_test.cpp, against every subset of the states of small graphs.

#include <functional>
#include <set>
#include <vector>

#include "explore/fair_steps.h"
#include "explore/subgraph.h"

namespace tdxcheck::explore {

struct FairCycles {
  // Strongly connected in the part and fair; ascending. Of those that the first successful round finds, the
  // one with the smallest state. Empty if there is none.
  std::vector<StateNumber> component;
  std::set<std::size_t> unfair_kinds;   // what made components unfair
  std::vector<std::uint8_t> candidates; // states of all components that were judged
};

// `wanted`, where given: moves of which the cycle must take one. `round` is called before each round.
[[nodiscard]] FairCycles find_fair_cycle(const ReachedGraph& graph, const FairSteps& fair, Subgraph part,
                                         const MoveSet* wanted, const std::function<void()>& round);

} // namespace tdxcheck::explore
