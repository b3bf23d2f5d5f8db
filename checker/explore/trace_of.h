// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A path of the reached graph as a trace, in the terms of the written model: every one of its cells is there,
// also those that instantiation has dropped because nothing refers to them (they keep their initial value).
// Where lower/ has made the searched model smaller, the same moves are made again in the instantiated one,
// and that is what is told. A lasso of the smaller model may need one more round until it closes there.

#include "explore/interpreted_system.h"
#include "explore/lift_run.h"
#include "explore/reached_graph.h"
#include "explore/walk.h"
#include "result/trace.h"

namespace tdxcheck::explore {

class TraceWriter {
public:
  // `written` as instance; `system` is what was searched; `instantiated`, where that is not the same, what
  // instantiation alone made of the written model, with the same variables, threads, labels and steps.
  TraceWriter(const model::Instance& written, InterpretedSystem& system, const ReachedGraph& graph,
              InterpretedSystem* instantiated = nullptr);

  // A run that was lifted already, and then the move where one is given, in the names of the run.
  [[nodiscard]] result::Trace of(const LiftedRun& run, std::optional<Move> move = {});
  // The shortest path to the state, and then the move where one is given (without a successor: `final` is
  // then what the move writes, in range or not).
  [[nodiscard]] result::Trace to(StateNumber state, std::optional<Move> move = {});
  [[nodiscard]] result::Trace along(const Walk& walk);
  [[nodiscard]] std::string printed(std::size_t cell, model::Value value) const; // of the engine's model

private:
  // States and moves of the instantiated model.
  [[nodiscard]] std::vector<Word> told_start(StateView searched);
  [[nodiscard]] Move told(Move searched) const;
  [[nodiscard]] result::Trace about_the_model() const;
  [[nodiscard]] result::Names names_of(StateView state) const;
  [[nodiscard]] std::vector<Word> after(StateView state, Move move);
  [[nodiscard]] result::TraceStep step(StateView before, StateView after, Move move);
  [[nodiscard]] std::vector<Word> tell(result::Trace& trace, std::vector<Word> from,
                                       const std::vector<Move>& moves);
  [[nodiscard]] result::TraceStep without_changes(StateView before, Move move);
  void add_locks(result::TraceStep& step, StateView before, const Explanation& what,
                 const Surroundings& here);
  [[nodiscard]] std::optional<int> cpu_of(StateView state, std::size_t thread);

  const model::Instance& written_;
  InterpretedSystem& searched_;
  InterpretedSystem& system_; // in whose terms the run is told
  const ReachedGraph& graph_;
  result::Names dropped_; // cells that the engine's model does not have
};

} // namespace tdxcheck::explore
