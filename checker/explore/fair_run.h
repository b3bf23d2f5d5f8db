// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A fair run that stays in a part of the reached graph for ever: round a fair cycle, or by stopping there.

#include <functional>
#include <set>

#include "explore/fair_steps.h"
#include "explore/subgraph.h"
#include "explore/walk.h"

namespace tdxcheck::explore {

struct Stay {
  Subgraph part;
  std::optional<MoveSet> wanted = {}; // moves of which a cycle must take one
  bool may_stop = false;              // a run that stops in the part counts
  // The way to a state of the part; none: the shortest.
  std::function<Walk(StateNumber)> stem = {};
  // Which of the states of a component is reached first; none: that with the smallest number.
  std::function<StateNumber(const std::vector<StateNumber>&)> entry = {};
};

struct FairRun {
  std::optional<Walk> run;
  bool some_run_is_unfair = false; // no fair run, but one that is not
  std::set<std::size_t> hinges;    // no run, but one if the steps of this kind were not fair
};

[[nodiscard]] FairRun find_fair_run(const ReachedGraph& graph, const FairSteps& fair, const Stay& stay,
                                    std::size_t most_kinds, const std::function<void()>& round);

} // namespace tdxcheck::explore
