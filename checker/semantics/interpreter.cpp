// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/interpreter.h"

#include "semantics/evaluate.h"
#include "support/contract.h"
#include "support/error.h"

#include <set>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

using model::Id;
using model::Value;

constexpr std::size_t most_silent_steps = 10000;

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
  Id<model::Label> label() const { return state.at.at(position); }
  Environment here() const { return {interpreter.instance(), &state, who.member}; }
};

// Facts speak about the state before the updates.
struct Note {
  const Environment& before;
  std::vector<FailedAssertion>& failed;
  std::vector<Happening>& happened;

  void operator()(const model::LockEvent& e) const {
    happened.emplace_back(LockHappening{e.action, e.lock, evaluate(before, e.instance), e.mode});
  }
  void operator()(const model::ContextEvent& e) const { happened.emplace_back(e); }
  void operator()(const model::LoopEvent& e) const { happened.emplace_back(e); }
  void operator()(const model::OperationEvent& e) const { happened.emplace_back(e); }
  void operator()(const model::Assertion& a) const {
    if (evaluate(before, a.holds) == 0) failed.push_back({a.property, a.text});
  }
  // These change nothing and can not fail.
  void operator()(const model::WaitForLock&) const {}
  void operator()(const model::WaitForThreads&) const {}
  void operator()(const model::WaitForCpu&) const {}
  void operator()(const model::Cost&) const {}
  void operator()(const model::RanUnder&) const {}
};

// All right-hand sides and all targets are looked up before anything is written.
void take(Run& run, const Environment& before, const model::Step& step) {
  if (!step.error.empty()) throw NoValue(step.error);
  for (const model::Fact& fact : step.facts) std::visit(Note{before, run.failed, run.happened}, fact);
  std::vector<std::pair<std::size_t, Value>> writes;
  for (const model::Update& update : step.updates)
    writes.emplace_back(cell_of(before, update.target), evaluate(before, update.value));
  for (const auto& [cell, value] : writes) run.state.cells.at(cell) = value;
  run.state.at.at(run.position) = step.to;
}

// The only silent step that is enabled at the label. NoValue (the model error in words) if there is no such
// one.
std::size_t next_silent_step(const Run& run) {
  const auto& steps = run.thread().steps;
  std::optional<std::size_t> chosen;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!steps[s].silent || steps[s].from != run.label() || run.interpreter.ruled_out(run.who.thread, s))
      continue;
    const auto enabled = guard_of(run.here(), steps[s]);
    support::ensures_internal(enabled.has_value(), "a silent step reads parameters and locals only");
    if (!*enabled) continue;
    if (chosen)
      throw NoValue(fmt::format("more than one way leads on from `{}` of {}",
                                run.thread().labels[run.label()].name, run.who.name));
    chosen = s;
  }
  if (!chosen)
    throw NoValue(
        fmt::format("no way leads on from `{}` of {}", run.thread().labels[run.label()].name, run.who.name));
  return *chosen;
}

void finish(Run& run) {
  while (run.interpreter.is_silent(run.who.thread, run.label())) {
    if (run.tail.size() >= most_silent_steps)
      throw NoValue(fmt::format("a loop that never takes a step, at `{}` of {}",
                                run.thread().labels[run.label()].name, run.who.name));
    const std::size_t silent = next_silent_step(run);
    run.tail.push_back(silent);
    const State before = run.state;
    take(run, {run.interpreter.instance(), &before, run.who.member}, run.thread().steps[silent]);
  }
}

void check_ranges(const model::Instance& instance, const State& state) {
  for (std::size_t c = 0; c < instance.cells().size(); ++c) {
    const model::Cell& cell = instance.cells()[c];
    if (state.cells.at(c) < cell.low || state.cells.at(c) > cell.high)
      throw NoValue(
          fmt::format("`{}` leaves its range {}..{}: {}", cell.name, cell.low, cell.high, state.cells.at(c)));
  }
}

// Every way to make the step's choices, the last one changing fastest.
std::vector<std::vector<Value>> all_choices(const model::Instance& instance, const model::Step& step) {
  std::vector<std::vector<Value>> ways = {{}};
  for (const model::Choice& choice : step.choices) {
    std::vector<std::vector<Value>> longer;
    for (const auto& way : ways)
      for (Value member = 0; member < instance.size(choice.set); ++member) {
        longer.push_back(way);
        longer.back().push_back(member);
      }
    ways = std::move(longer);
  }
  return ways;
}

Environment with_choices(Environment environment, const model::Step& step,
                         const std::vector<Value>& choices) {
  for (std::size_t i = 0; i < choices.size(); ++i)
    environment.bound[step.choices[i].bound.number] = choices[i];
  return environment;
}

// Nothing if the step is not enabled.
std::optional<Action> act(const Interpreter& interpreter, const State& state, std::size_t position,
                          std::size_t s, const std::vector<Value>& choices) {
  const model::ThreadInstance& who = interpreter.instance().threads()[position];
  const model::Step& step = interpreter.instance().model().threads[who.thread].steps[s];
  const Environment before = with_choices({interpreter.instance(), &state, who.member}, step, choices);
  Run run{interpreter, who, position, state};
  std::optional<std::string> error;
  try {
    const auto enabled = guard_of(before, step);
    support::ensures_internal(enabled.has_value(), "all that a guard names is known when its step is tried");
    if (!*enabled) return {};
    take(run, before, step);
    finish(run);
    check_ranges(interpreter.instance(), run.state);
  } catch (const NoValue& why) {
    error = why.what();
  }
  return Action{position, s, run.tail, choices, run.failed, run.happened, error, run.state};
}

// One initial value per cell, or all of its range; every combination.
std::vector<State> before_the_start(const model::Instance& instance) {
  State first;
  for (const model::ThreadInstance& t : instance.threads())
    first.at.push_back(instance.model().threads[t.thread].start);
  std::vector<State> states = {first};
  for (const model::Cell& cell : instance.cells()) {
    const model::Variable& variable = instance.model().variables[cell.variable];
    std::vector<State> longer;
    for (const State& state : states) {
      const Value low = variable.initial ? evaluate({instance}, *variable.initial) : cell.low;
      const Value high = variable.initial ? low : cell.high;
      for (Value value = low; value <= high; ++value) {
        longer.push_back(state);
        longer.back().cells.push_back(value);
      }
    }
    states = std::move(longer);
  }
  return states;
}

} // namespace

Interpreter::Interpreter(const model::Model& model, model::Valuation valuation)
    : instance_(model, std::move(valuation)) {
  for (const model::Thread& thread : model.threads) {
    auto& row = ruled_out_.emplace_back();
    for (const model::Step& step : thread.steps) {
      try {
        row.push_back(guard_of({instance_}, step) == false);
      } catch (const NoValue&) {
        row.push_back(false); // it will be a model error when it is tried
      }
    }
  }
}

std::vector<Start> Interpreter::starts() const {
  std::vector<Start> starts;
  std::set<State> seen;
  try {
    for (State& state : before_the_start(instance_)) {
      Start start{std::move(state), {}, {}};
      for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
        Run run{*this, instance_.threads()[t], t, start.state};
        for (const model::Fact& fact : run.thread().start_facts)
          std::visit(Note{run.here(), run.failed, run.happened}, fact);
        finish(run);
        start.state = run.state;
        start.failed.insert(start.failed.end(), run.failed.begin(), run.failed.end());
        start.happened.push_back(run.happened);
      }
      check_ranges(instance_, start.state);
      if (seen.insert(start.state).second) starts.push_back(std::move(start));
    }
  } catch (const NoValue& why) {
    throw support::InputError(
        fmt::format("{}: before the first step, {}", instance_.model().name, why.what()));
  }
  return starts;
}

std::vector<State> Interpreter::initial() const {
  std::vector<State> states;
  for (Start& start : starts()) states.push_back(std::move(start.state));
  return states;
}

std::vector<Action> Interpreter::actions(const State& state) const {
  std::vector<Action> all;
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    const Id<model::Thread> id = instance_.threads()[t].thread;
    const auto& steps = instance_.model().threads[id].steps;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s].silent || steps[s].from != state.at.at(t) || ruled_out(id, s)) continue;
      for (const auto& choices : all_choices(instance_, steps[s]))
        if (auto action = act(*this, state, t, s, choices)) all.push_back(std::move(*action));
    }
  }
  return all;
}

std::vector<std::vector<Happening>> Interpreter::attempts(const State& state, std::size_t thread) const {
  std::vector<std::vector<Happening>> all;
  const model::ThreadInstance& who = instance_.threads()[thread];
  const auto& steps = instance_.model().threads[who.thread].steps;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (steps[s].silent || steps[s].from != state.at.at(thread) || ruled_out(who.thread, s)) continue;
    for (const auto& choices : all_choices(instance_, steps[s])) {
      try {
        if (guard_of(with_choices({instance_, nullptr, who.member}, steps[s], choices), steps[s]) == false)
          continue;
        Run run{*this, who, thread, state};
        const Environment before = with_choices(run.here(), steps[s], choices);
        for (const model::Fact& fact : steps[s].facts)
          std::visit(Note{before, run.failed, run.happened}, fact);
        all.push_back(run.happened);
      } catch (const NoValue&) {
        // Without its guard the step makes no sense here.
      }
    }
  }
  return all;
}

Value Interpreter::evaluate(const State& state, const model::Expr& expression) const {
  try {
    return semantics::evaluate({instance_, &state}, expression);
  } catch (const NoValue& why) {
    throw support::InputError(fmt::format("{}: {}", instance_.model().name, why.what()));
  }
}

bool Interpreter::at_end(const State& state, std::size_t thread) const {
  const auto& labels = instance_.model().threads[instance_.threads().at(thread).thread].labels;
  return labels[state.at.at(thread)].end;
}

bool Interpreter::ruled_out(Id<model::Thread> thread, std::size_t step) const {
  return ruled_out_.at(thread.value).at(step);
}

bool Interpreter::is_silent(Id<model::Thread> thread, Id<model::Label> label) const {
  const auto& steps = instance_.model().threads[thread].steps;
  for (std::size_t s = 0; s < steps.size(); ++s)
    if (steps[s].silent && steps[s].from == label && !ruled_out(thread, s)) return true;
  return false;
}

} // namespace tdxcheck::semantics
