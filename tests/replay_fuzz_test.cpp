// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: some edit of a trace that nobody thought of changes what it tells, and it still counts as valid.
//
// Random models, their shortest violations, random edits. An edited trace that is called valid must tell of
// another run that the model really has (looked for here by keeping all states in which the trace may be),
// and a shorter run must not be called a violation, for there is none.
#include "audit/replay.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/trace_from_run.h"

#include <doctest/doctest.h>

#include <set>

namespace replay_fuzz_test {

using namespace tdxcheck;
using semantics::Judged;
using tests::Dice;

// Whether the steps of the trace, read by name alone, lead from an initial state of the model to its final
// state.
class Reading {
public:
  Reading(const semantics::Interpreter& interpreter, const result::Trace& trace)
      : interpreter_(interpreter), trace_(trace) {}

  bool is_a_run() const {
    std::set<semantics::State> may_be;
    for (const auto& state : interpreter_.initial())
      if (tests::names_of(interpreter_, state) == trace_.initial) may_be.insert(state);
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) {
      std::set<semantics::State> next;
      for (const auto& state : may_be)
        for (const auto& action : interpreter_.actions(state))
          if (tells(i, state, action)) next.insert(action.next);
      may_be = std::move(next);
    }
    for (const auto& state : may_be)
      if (tests::names_of(interpreter_, state) == trace_.final) return true;
    return false;
  }

private:
  bool tells(std::size_t i, const semantics::State& state, const semantics::Action& action) const {
    if (action.model_error) return false;
    const auto one = tests::trace_from_run(interpreter_, "", {state, {action}}).steps.at(0);
    const auto& told = trace_.steps[i];
    return one.thread == told.thread && one.from == told.from && one.to == told.to &&
           one.choices == told.choices && one.changed == told.changed;
  }

  const semantics::Interpreter& interpreter_;
  const result::Trace& trace_;
};

std::string another(Dice& dice, const std::string& value) {
  static const std::vector<std::string> values = {"true", "false", "0",   "1",  "2", "-1",
                                                  "none", "red",   "{0}", "{}", ""};
  for (;;)
    if (const std::string& other = dice.pick(values); other != value) return other;
}

void edit_names(Dice& dice, result::Names& names) {
  if (names.empty() || dice.chance(10)) {
    names["x"] = "1";
    return;
  }
  auto it = names.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(dice.below(names.size())));
  if (dice.chance(20)) names.erase(it);
  else
    it->second =
        it->first.starts_with("at ") ? "l" + std::to_string(dice.below(9)) : another(dice, it->second);
}

void edit_step(Dice& dice, result::Trace& trace, std::size_t i) {
  auto& steps = trace.steps;
  const auto at = steps.begin() + static_cast<std::ptrdiff_t>(i);
  switch (dice.below(8)) {
  case 0: steps.erase(at); break;
  case 1: steps.insert(at, steps[i]); break;
  case 2: std::swap(steps[i], steps[dice.below(steps.size())]); break;
  case 3: steps[i].thread = steps[dice.below(steps.size())].thread; break;
  case 4: (dice.chance(50) ? steps[i].from : steps[i].to) = steps[dice.below(steps.size())].to; break;
  case 5: edit_names(dice, steps[i].choices); break;
  default: edit_names(dice, steps[i].changed); break;
  }
}

void edit(Dice& dice, result::Trace& trace) {
  if (!trace.steps.empty() && dice.chance(70)) return edit_step(dice, trace, dice.below(trace.steps.size()));
  switch (dice.below(4)) {
  case 0: edit_names(dice, trace.initial); break;
  case 1: edit_names(dice, trace.final); break;
  case 2: trace.loop = dice.below(trace.steps.size() + 1); break;
  default:
    trace.shape = result::TraceShape::lasso;
    trace.loop = dice.below(trace.steps.size() + 1);
    break;
  }
}

struct Fuzz {
  const model::Model& model;
  const semantics::Interpreter& interpreter;
  Dice& dice;
  int refused = 0, other_runs = 0;

  audit::ReplayResult replayed(const result::Trace& trace) const {
    return audit::replay(model, interpreter.instance().valuation(), trace);
  }

  void try_edits(const result::Trace& good, int edits) {
    for (int i = 0; i < edits; ++i) {
      result::Trace edited = good;
      edit(dice, edited);
      if (edited == good) continue;
      const auto answer = replayed(edited);
      if (!answer.valid) {
        ++refused;
        CHECK(answer.why != "");
        CHECK(answer.step <= edited.steps.size());
        continue;
      }
      ++other_runs;
      CHECK(edited.shape == result::TraceShape::path);
      CHECK_FALSE(edited.loop);
      CHECK(edited.steps.size() >= good.steps.size()); // the good one was a shortest violation
      CHECK(Reading(interpreter, edited).is_a_run());
    }
  }

  void try_prefixes(const semantics::PlainVerdict& verdict) {
    semantics::PlainRun run = *verdict.run;
    while (!run.actions.empty()) {
      run.actions.pop_back();
      const auto answer = replayed(tests::trace_from_run(interpreter, verdict.property, run));
      CHECK_FALSE(answer.valid);
      CHECK(answer.step == run.actions.size());
    }
  }
};

TEST_CASE("no edited trace is valid unless it tells of a run that the model has") {
  Dice dice(1);
  int refused = 0, other_runs = 0, violations = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const model::Model model = tests::random_model(seed);
    CAPTURE(model.name);
    const semantics::Interpreter interpreter(model, model::defaults(model));
    Fuzz fuzz{model, interpreter, dice};
    for (const auto& verdict : semantics::explore_plainly(interpreter, 10'000).properties) {
      if (verdict.judged != Judged::violated || !verdict.run) continue;
      CAPTURE(verdict.property);
      const auto good = tests::trace_from_run(interpreter, verdict.property, *verdict.run);
      const auto answer = fuzz.replayed(good);
      CHECK_MESSAGE(answer.valid, answer.why);
      CHECK(answer.caveat.empty());
      fuzz.try_edits(good, 20);
      fuzz.try_prefixes(verdict);
      ++violations;
    }
    refused += fuzz.refused;
    other_runs += fuzz.other_runs;
  }
  // The edits are worth something: nearly all are refused, and some are other runs indeed.
  CHECK(violations >= 80);
  CHECK(refused >= 10 * other_runs);
  CHECK(other_runs >= 1);
}

TEST_CASE("every violation that the reference finds in a tiny model is confirmed, and no prefix of it") {
  Dice dice(2);
  for (std::size_t number = 0; number < tests::tiny_model_count(); number += 7) {
    const model::Model model = tests::tiny_model(number);
    CAPTURE(model.name);
    const semantics::Interpreter interpreter(model, model::defaults(model));
    Fuzz fuzz{model, interpreter, dice};
    for (const auto& verdict : semantics::explore_plainly(interpreter, 1000).properties) {
      if (verdict.judged != Judged::violated || !verdict.run) continue;
      CAPTURE(verdict.property);
      const auto answer = fuzz.replayed(tests::trace_from_run(interpreter, verdict.property, *verdict.run));
      CHECK_MESSAGE(answer.valid, answer.why);
      fuzz.try_prefixes(verdict);
    }
  }
}

} // namespace replay_fuzz_test
