// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How a thread gets from one resting label to the next: facts, updates, silent tail. Private to semantics/.
// Whatever is ill-formed on the way is a NoValue with the model error in words.

#include "semantics/evaluate.h"
#include "semantics/interpreter.h"

#include <span>
#include <vector>

namespace tdxcheck::semantics {

// The run of one thread from one resting label to the next, on a state of its own.
struct Run {
  const Interpreter& interpreter;
  const model::ThreadInstance& who;
  std::size_t position; // of `who` in Instance::threads
  State state;
  std::vector<FailedAssertion> failed = {};
  std::vector<Happening> happened = {};
  std::vector<std::size_t> tail = {};

  const model::Thread& thread() const { return interpreter.instance().model().threads[who.thread]; }
  model::Id<model::Label> label() const { return state.at.at(position); }
  Environment here() const { return {interpreter.instance(), &state, who.member}; }
};

// Writes down what the facts say; they speak about the state before the updates.
void note(Run& run, const Environment& before, std::span<const model::Fact> facts);
// The step itself: its facts and its updates.
void take(Run& run, const Environment& before, const model::Step& step);
// The silent steps behind it.
void finish(Run& run);

void check_ranges(const model::Instance& instance, const State& state);

} // namespace tdxcheck::semantics
