// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Runs with the true members, from paths of a graph of canonical forms: the renaming that leads from each
// form back to the real state is carried along. A move of the form is then the same step by the renamed
// thread, with renamed choices. Without symmetry a run is its path.

#include <functional>
#include <optional>

#include "explore/canonical_form.h"
#include "explore/reached_graph.h"

namespace tdxcheck::explore {

struct LiftedRun {
  std::vector<Word> start; // an initial state
  std::vector<Move> moves;
  Renaming last;         // from the form of the last state to what the run leads to
  std::vector<Word> end; // the state that it leads to
};

class RunLifter {
public:
  // `form`: that of the graph's states; none where they are the system's own.
  RunLifter(InterpretedSystem& system, const ReachedGraph& graph, CanonicalForm* form = nullptr)
      : system_(system), graph_(graph), form_(form) {}

  // Where an edge of the graph stands for several moves: those from a state to one that is wanted.
  using IsIt = std::function<bool(StateView)>;
  using Way = std::function<std::vector<Move>(StateView from, const IsIt& is_it)>;
  void go_by(Way way) { way_ = std::move(way); }

  // The shortest path to the state.
  [[nodiscard]] LiftedRun to(StateNumber state);

private:
  void start(LiftedRun& run, StateNumber initial);
  void follow(LiftedRun& run, StateNumber from, StateNumber to);
  void follow_way(LiftedRun& run, StateNumber from, StateNumber to);

  InterpretedSystem& system_;
  const ReachedGraph& graph_;
  CanonicalForm* form_;
  Way way_;
};

} // namespace tdxcheck::explore
