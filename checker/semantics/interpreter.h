// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a model means, as the slowest and plainest interpreter possible. It reads the written model (silent
// steps, parameters and named guards included) and one valuation; it shares no evaluation code with any
// engine.
//
// Where model.h leaves a choice, this decides:
//  * `and`, `or`, `implies`, conditionals and quantifiers look no further than the answer needs, so that
//    `owner != none && busy[owner]` has a value. An expression without a value (a member that does not exist,
//    a number beyond 64 bits) makes its step a model error; in a guard, the step counts as enabled.
//  * Of two updates of one cell in one step, the later one counts.
//  * A step whose guard is false whatever the state (parameters and named guards decide it) is not there at
//  all: a
//    label all of whose silent steps are ruled out so is an ordinary label.
//  * More than 10000 silent steps in a row are a loop that never takes a step: a model error.
//
// Cost: a map lookup per bound name, a tree walk per expression; some hundred thousand actions per second.
// Limits: none but patience. Tested by tests/semantics_*_test.cpp, and every engine is compared with it.

#include "model/instance.h"
#include "model/model.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tdxcheck::semantics {

struct State {
  std::vector<model::Value> cells;         // in the order of Instance::cells
  std::vector<model::Id<model::Label>> at; // by thread instance
  friend auto operator<=>(const State&, const State&) = default;
};

struct FailedAssertion {
  std::string property;
  std::string text;
  friend bool operator==(const FailedAssertion&, const FailedAssertion&) = default;
};

// A lock event with its instance evaluated.
struct LockHappening {
  model::LockAction action;
  model::Id<model::Lock> lock;
  std::vector<model::Value> instance;
  model::LockMode mode;
  friend bool operator==(const LockHappening&, const LockHappening&) = default;
};
// A cost with its amount evaluated.
struct CostHappening {
  model::CostKind kind;
  model::Value amount;
  friend bool operator==(const CostHappening&, const CostHappening&) = default;
};
using Happening =
    std::variant<LockHappening, model::ContextEvent, model::LoopEvent, model::OperationEvent, CostHappening>;

// One atomic step of one thread, silent tail included.
struct Action {
  std::size_t thread = 0;            // position in Instance::threads
  std::size_t step = 0;              // position in Thread::steps of the step that is not silent
  std::vector<std::size_t> tail;     // the silent steps after it
  std::vector<model::Value> choices; // one per Step::choices
  std::vector<FailedAssertion> failed;
  std::vector<Happening> happened; // in order, those of the tail included
  std::optional<std::string>
      model_error; // a range was left, no silent step was enabled, ...: `next` means nothing
  State next;
};

// An initial state, and what the silent steps that led to it did (by thread instance).
struct Start {
  State state;
  std::vector<FailedAssertion> failed;
  std::vector<std::vector<Happening>> happened;
};

class Interpreter {
public:
  // Keeps a reference to the model.
  Interpreter(const model::Model& model, model::Valuation valuation);

  [[nodiscard]] const model::Instance& instance() const { return instance_; }
  // Every initial state (several where a variable may start with any value), silent tails done, each once.
  // InputError if an initial value is out of range or a silent tail of the start is ill-formed.
  [[nodiscard]] std::vector<State> initial() const;
  [[nodiscard]] std::vector<Start> starts() const;
  // Shows them one by one until `look` answers false, without keeping them: any values of many cells are
  // many. One that silent tails make of several is shown several times.
  void each_start(const std::function<bool(const Start&)>& look) const;
  // Everything that may happen next, in the order of threads, steps, choices.
  [[nodiscard]] std::vector<Action> actions(const State& state) const;
  // What the thread would do at its label if every guard held: one list for each step and each way to choose.
  // Steps and choices that are ruled out whatever the state are left out; silent tails are not followed.
  [[nodiscard]] std::vector<std::vector<Happening>> attempts(const State& state, std::size_t thread) const;
  // The value of a closed expression (no Self, no bound names) in a state. InputError if it has none.
  [[nodiscard]] model::Value evaluate(const State& state, const model::Expr& expression) const;
  [[nodiscard]] bool at_end(const State& state, std::size_t thread) const;
  // Whether parameters and named guards rule the step out, whatever the state.
  [[nodiscard]] bool ruled_out(model::Id<model::Thread> thread, std::size_t step) const;
  // Whether a thread never rests there: a silent step leads on at once.
  [[nodiscard]] bool is_silent(model::Id<model::Thread> thread, model::Id<model::Label> label) const;

private:
  [[nodiscard]] Start start_from(const std::vector<model::Value>& cells) const;

  model::Instance instance_;
  std::vector<std::vector<bool>> ruled_out_; // by thread, by step
};

} // namespace tdxcheck::semantics
