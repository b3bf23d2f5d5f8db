// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/fairness.h"
#include "audit/judge.h"
#include "audit/progress.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::audit {
namespace {

// Empty if the run returns or stops, and may do so for ever.
std::string not_endless(const semantics::Interpreter& interpreter, const Run& run) {
  const std::string unfair = run.loop ? unfair_lasso(interpreter, run) : unfair_stop(interpreter, run);
  if (unfair.empty()) return {};
  return (run.loop ? "the lasso is not fair: " : "the run cannot stop there: ") + unfair;
}

// Of a lasso: what happens again and again.
struct Cycle {
  std::vector<ThreadOperation> open; // all the way round
  bool some_operation_ends = false;
  std::set<std::size_t> moving;
};

Cycle cycle_of(const semantics::Interpreter& interpreter, const Run& run) {
  const std::size_t first = run.loop.value();
  Progress progress = progress_before(interpreter, run, first);
  const std::set<ThreadOperation> open_before = progress.open;
  progress.forget();
  Cycle cycle;
  for (std::size_t i = first; i < run.actions.size(); ++i) {
    progress.follow(run.actions[i].thread, run.actions[i].happened);
    cycle.moving.insert(run.actions[i].thread);
  }
  for (const ThreadOperation& operation : open_before)
    if (!progress.ended.contains(operation)) cycle.open.push_back(operation);
  cycle.some_operation_ends = !progress.ended.empty();
  return cycle;
}

} // namespace

Confirmation Judge::operator()(const model::NoLivelock&) const {
  if (!run.loop) return no("a run that stops is no livelock");
  if (const std::string why = not_endless(interpreter, run); !why.empty()) return no(why);
  const Cycle cycle = cycle_of(interpreter, run);
  if (cycle.some_operation_ends) return no("an operation ends in the cycle");
  const auto& operations = interpreter.instance().model().operations;
  for (const auto& [thread, operation] : cycle.open)
    if (cycle.moving.contains(thread))
      return yes(fmt::format("{} goes round in `{}`, and no operation ever ends", thread_name(thread),
                             operations[operation].name));
  return no("no thread that moves in the cycle has an operation open all the way round");
}

Confirmation Judge::operator()(const model::NoStarvation&) const {
  if (const std::string why = not_endless(interpreter, run); !why.empty()) return no(why);
  const auto& operations = interpreter.instance().model().operations;
  if (!run.loop) {
    const Progress progress = progress_before(interpreter, run, run.actions.size());
    if (progress.open.empty()) return no("no operation is open at the end");
    const auto& [thread, operation] = *progress.open.begin();
    return yes(fmt::format("{} never ends `{}`", thread_name(thread), operations[operation].name));
  }
  const Cycle cycle = cycle_of(interpreter, run);
  for (const auto& [thread, operation] : cycle.open) {
    const std::string& name = operations[operation].name;
    if (!cycle.moving.contains(thread))
      return yes(fmt::format("{} waits for ever in `{}`", thread_name(thread), name));
    if (cycle.some_operation_ends)
      return yes(fmt::format("{} never ends `{}`, while other operations end", thread_name(thread), name));
  }
  return no(cycle.open.empty() ? "no operation is open all the way round the cycle"
                               : "threads with an open operation move, and none ends: that is a livelock");
}

Confirmation Judge::operator()(const model::LeadsTo& claim) const {
  if (const std::string why = not_endless(interpreter, run); !why.empty()) return no(why);
  const std::size_t last = run.actions.size();
  // The states that come again and again, or the last one for ever.
  for (std::size_t i = run.loop.value_or(last); i <= last; ++i)
    if (is_true(run.before(i), claim.to)) return no("what should come comes again and again");
  // Before them, the last state in which it had come; from where it has to be asked for once more.
  std::size_t since = last;
  while (since > 0 && !is_true(run.before(since - 1), claim.to)) --since;
  for (std::size_t i = since; i <= last; ++i)
    if (is_true(run.before(i), claim.from))
      return yes(fmt::format("before step {} the first condition holds, and never again the second", i + 1));
  return no("since the second condition held for the last time, the first did not hold");
}

} // namespace tdxcheck::audit
