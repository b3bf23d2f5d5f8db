// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/interpreter.h"

#include "semantics/evaluate.h"
#include "semantics/perform.h"
#include "support/contract.h"
#include "support/error.h"

#include <set>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

using model::Id;
using model::Value;

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

struct CellStart {
  Value low, high; // the same where an initial value is given
};

std::vector<CellStart> initial_values(const model::Instance& instance) {
  std::vector<CellStart> ranges;
  for (const model::Cell& cell : instance.cells()) {
    const auto& initial = instance.model().variables[cell.variable].initial;
    if (initial) ranges.push_back({evaluate({instance}, *initial), evaluate({instance}, *initial)});
    else ranges.push_back({cell.low, cell.high});
  }
  return ranges;
}

// The next combination, the last cell changing fastest; false after the last one.
bool advance(std::vector<Value>& cells, const std::vector<CellStart>& ranges) {
  for (std::size_t c = cells.size(); c-- > 0;) {
    if (cells[c]++ < ranges[c].high) return true;
    cells[c] = ranges[c].low;
  }
  return false;
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

// The start from these values of the cells, silent tails done.
Start Interpreter::start_from(const std::vector<Value>& cells) const {
  Start start{{cells, {}}, {}, {}};
  for (const model::ThreadInstance& who : instance_.threads())
    start.state.at.push_back(instance_.model().threads[who.thread].start);
  for (std::size_t t = 0; t < instance_.threads().size(); ++t) {
    Run run{*this, instance_.threads()[t], t, start.state};
    note(run, run.here(), run.thread().start_facts);
    finish(run);
    start.state = run.state;
    start.failed.insert(start.failed.end(), run.failed.begin(), run.failed.end());
    start.happened.push_back(run.happened);
  }
  check_ranges(instance_, start.state);
  return start;
}

void Interpreter::each_start(const std::function<bool(const Start&)>& look) const {
  const auto begin = [&](const std::vector<Value>& cells) {
    try {
      return start_from(cells);
    } catch (const NoValue& why) {
      throw support::InputError(
          fmt::format("{}: before the first step, {}", instance_.model().name, why.what()));
    }
  };
  const std::vector<CellStart> ranges = initial_values(instance_);
  std::vector<Value> cells;
  for (const CellStart& range : ranges) cells.push_back(range.low);
  while (look(begin(cells)) && advance(cells, ranges)) {
  }
}

std::vector<Start> Interpreter::starts() const {
  std::vector<Start> starts;
  std::set<State> seen;
  each_start([&](const Start& start) {
    if (seen.insert(start.state).second) starts.push_back(start);
    return true;
  });
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
        note(run, before, steps[s].facts);
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
