// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/perform.h"

#include "support/contract.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

using model::Value;

constexpr std::size_t most_silent_steps = 10000;

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
  void operator()(const model::Cost& c) const {
    happened.emplace_back(CostHappening{c.kind, evaluate(before, c.amount)});
  }
  // These change nothing and can not fail.
  void operator()(const model::WaitForLock&) const {}
  void operator()(const model::WaitForThreads&) const {}
  void operator()(const model::WaitForCpu&) const {}
  void operator()(const model::RanUnder&) const {}
};

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

} // namespace

void note(Run& run, const Environment& before, std::span<const model::Fact> facts) {
  for (const model::Fact& fact : facts) std::visit(Note{before, run.failed, run.happened}, fact);
}

// All right-hand sides and all targets are looked up before anything is written.
void take(Run& run, const Environment& before, const model::Step& step) {
  if (!step.error.empty()) throw NoValue(step.error);
  note(run, before, step.facts);
  std::vector<std::pair<std::size_t, Value>> writes;
  for (const model::Update& update : step.updates)
    writes.emplace_back(cell_of(before, update.target), evaluate(before, update.value));
  for (const auto& [cell, value] : writes) run.state.cells.at(cell) = value;
  run.state.at.at(run.position) = step.to;
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

} // namespace tdxcheck::semantics
