// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the prover is asked about, and the states and runs it answers with, as plain data.

#include <vector>

#include "model/instance.h"
#include "model/model.h"
#include "result/proof.h"

namespace tdxcheck::prove {

// An instantiated model (no silent steps, named guards folded) in which the parameters in `any` are left as
// they are; `valuation` has some value for them. Sets whose size depends on them are `open`: the model gives
// them as many members as get names (result/proof.h).
struct Problem {
  model::Model model;
  model::Valuation valuation;
  std::vector<result::AnyParameter> any;
  std::vector<result::OpenSet> open = {};
};

// A step of one thread with its choices made.
struct Move {
  std::size_t thread = 0; // position in Instance::threads
  std::size_t step = 0;   // position in Thread::steps
  std::vector<model::Value> choices;
  friend bool operator==(const Move&, const Move&) = default;
};

struct State {
  std::vector<model::Value> cells;         // in the order of Instance::cells
  std::vector<model::Id<model::Label>> at; // by thread instance
  friend auto operator<=>(const State&, const State&) = default;
};

// From states.front() by moves.front() to states[1], and so on. Where the run ends in a move without a
// successor, there are as many moves as states.
struct Run {
  std::vector<model::Value> parameters; // of all, in the order of the model
  std::vector<State> states;
  std::vector<Move> moves;
};

} // namespace tdxcheck::prove
