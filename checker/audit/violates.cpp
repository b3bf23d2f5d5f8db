// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/violates.h"

#include "audit/continuations.h"
#include "audit/judge.h"
#include "audit/progress.h"
#include "semantics/lock_history.h"

#include <set>

#include <fmt/format.h>

namespace tdxcheck::audit {

using semantics::State;

// ---- claims about the last state or the last step ----

Confirmation Judge::operator()(const model::Always& claim) const {
  if (is_true(run.last(), claim.condition)) return no("the condition is true in the last state");
  return yes("the condition is false in the last state");
}

Confirmation Judge::operator()(const model::Asserted&) const {
  const std::vector<semantics::FailedAssertion> failed =
      run.actions.empty() ? start_of(interpreter, run).failed : run.actions.back().failed;
  for (const semantics::FailedAssertion& assertion : failed)
    if (assertion.property == property.name) return yes(assertion.text);
  return no("the last step fails no assertion of that name");
}

Confirmation Judge::operator()(const model::LockDiscipline&) const {
  const model::Model& model = interpreter.instance().model();
  const semantics::Start start = start_of(interpreter, run);
  std::vector<semantics::LockHistory> history(start.state.at.size());
  std::optional<std::string> complaint;
  std::size_t whose = 0;
  for (std::size_t t = 0; t < start.happened.size(); ++t)
    if (const auto why = semantics::follow(model, history[t], start.happened[t]); why && run.actions.empty())
      return yes(thread_name(t) + " " + *why);
  for (const semantics::Action& action : run.actions) {
    complaint = semantics::follow(model, history[action.thread], action.happened);
    whose = action.thread;
  }
  if (complaint) return yes(thread_name(whose) + " " + *complaint);
  for (std::size_t t = 0; t < history.size(); ++t)
    if (const auto why = semantics::wrong_at_label(interpreter, run.last(), t, history[t]))
      return yes(thread_name(t) + " " + *why);
  return no("neither the last step nor the last state breaks it");
}

Confirmation Judge::operator()(const model::Balanced& claim) const {
  const model::Counter& counter = interpreter.instance().model().counters[claim.counter];
  const model::Value value = interpreter.evaluate(run.last(), counter.value);
  const model::Value holders = interpreter.evaluate(run.last(), counter.holders);
  if (value != holders) return yes(fmt::format("`{}` is {}, and {} hold it", counter.name, value, holders));
  if (value != 0 && not_at_end(run.last()).empty())
    return yes(fmt::format("all threads are at their ends, and `{}` is {}", counter.name, value));
  if (!counter.freed.empty() && is_true(run.last(), counter.freed) && holders != 0)
    return yes(fmt::format("what `{}` counts is freed, and {} hold it", counter.name, holders));
  return no(fmt::format("in the last state `{}` is {}, which is how many hold it", counter.name, value));
}

Confirmation Judge::operator()(const model::Retries& claim) const {
  const model::Model& model = interpreter.instance().model();
  const model::Value limit = interpreter.evaluate(run.last(), claim.limit);
  if (run.actions.empty()) return no("no step was taken");
  Progress progress = progress_before(interpreter, run, run.actions.size() - 1);
  progress.forget();
  progress.follow(run.actions.back().thread, run.actions.back().happened);
  const std::size_t rounds = progress.most_rounds[claim.loop];
  const std::string& name = model.loops[claim.loop].name;
  if (limit != model::unlimited && rounds > static_cast<std::size_t>(limit))
    return yes(fmt::format("the loop `{}` goes round {} times", name, rounds));
  return no(fmt::format("the last step does not take the loop `{}` round more than {} times", name, limit));
}

// ---- claims about all that may follow ----

Confirmation Judge::operator()(const model::NoDeadlock&) const {
  std::set<std::size_t> stuck;
  for (const std::size_t t : not_at_end(run.last())) stuck.insert(t);
  if (stuck.empty()) return no("in the last state every thread is at an end label");
  if (interpreter.actions(run.last()).empty())
    return yes(fmt::format("nothing can happen, and {} is not at its end", thread_name(*stuck.begin())));
  const Searched searched = continuations(interpreter, run.last(), most_continuations,
                                          [&](const State&, std::span<const semantics::Action> actions) {
                                            for (const auto& action : actions) stuck.erase(action.thread);
                                            return !stuck.empty();
                                          });
  if (stuck.empty()) return no("every thread that is not at its end may still take a step");
  Confirmation answer = yes(fmt::format("{} can never take a step again", thread_name(*stuck.begin())));
  if (searched == Searched::gave_up)
    answer.caveat = fmt::format("that {} never takes a step again could not be confirmed within {} states",
                                thread_name(*stuck.begin()), most_continuations);
  return answer;
}

Confirmation Judge::operator()(const model::Recoverable& claim) const {
  const Searched searched =
      continuations(interpreter, run.last(), most_continuations,
                    [&](const State& state, auto) { return !is_true(state, claim.condition); });
  if (searched == Searched::stopped) return no("the condition can still be reached from the last state");
  Confirmation answer = yes("no continuation satisfies the condition");
  if (searched == Searched::gave_up)
    answer.caveat =
        fmt::format("that no continuation satisfies the condition could not be confirmed within {} states",
                    most_continuations);
  return answer;
}

// ---- claims that one run cannot break ----

Confirmation Judge::operator()(const model::LockOrder&) const {
  Confirmation answer = yes("the run shows one edge of the cycle");
  answer.caveat = "a cycle of lock edges takes several runs; of this one only its steps were confirmed";
  return answer;
}

Confirmation Judge::operator()(const model::Sometimes&) const {
  return no("that a condition is never reached cannot be shown by a run");
}

// ---- what they share ----

Confirmation Judge::yes(std::string why) { return {true, std::move(why), {}}; }
Confirmation Judge::no(std::string why) { return {false, std::move(why), {}}; }

bool Judge::is_true(const State& state, const model::Expr& condition) const {
  return interpreter.evaluate(state, condition) != 0;
}

const std::string& Judge::thread_name(std::size_t thread) const {
  return interpreter.instance().threads()[thread].name;
}

std::vector<std::size_t> Judge::not_at_end(const State& state) const {
  std::vector<std::size_t> threads;
  for (std::size_t t = 0; t < state.at.size(); ++t)
    if (!interpreter.at_end(state, t)) threads.push_back(t);
  return threads;
}

namespace {

bool is_about_endless_runs(const model::Claim& claim) {
  return std::holds_alternative<model::NoLivelock>(claim) ||
         std::holds_alternative<model::NoStarvation>(claim) || std::holds_alternative<model::LeadsTo>(claim);
}

} // namespace

Confirmation violates(const semantics::Interpreter& interpreter, const model::Property& property,
                      const Run& run) {
  if (run.loop && !is_about_endless_runs(property.claim))
    return Judge::no(
        fmt::format("a violation of {} is a path, not a lasso", model::template_name(property.claim)));
  return std::visit(Judge{interpreter, property, run}, property.claim);
}

} // namespace tdxcheck::audit
