// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/brute_force.h"

#include "semantics/plain_search.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

// The number of the state; a new one is put at the end of the queue, which is the list of states itself.
std::size_t number_of(PlainSearch& search, const State& state, std::optional<Arrival> arrival) {
  const auto [at, is_new] = search.seen.number.try_emplace(state, search.seen.states.size());
  if (is_new) {
    const std::size_t depth = arrival ? search.seen.depth_of[arrival->from] + 1 : 0;
    search.seen.states.push_back(state);
    search.seen.depth_of.push_back(depth);
    search.seen.depth = std::max(search.seen.depth, depth);
    search.arrival.push_back(std::move(arrival));
  }
  return at->second;
}

// The search goes breadth first, so the first failure is a shortest one.
void note_failed(PlainSearch& search, const std::vector<FailedAssertion>& failed, const PlainRun& run) {
  for (const FailedAssertion& assertion : failed) {
    if (!search.failed.try_emplace(assertion.property, run).second) continue;
    search.failed_text[assertion.property] = assertion.text;
  }
}

PlainRun run_with(const PlainSearch& search, std::size_t from, const Action& action) {
  PlainRun run = search.run_to(from);
  run.actions.push_back(action);
  return run;
}

// False if an action is ill-formed.
bool expand(PlainSearch& search, std::size_t from) {
  const State state = search.seen.states[from];
  for (const Action& action : search.interpreter.actions(state)) {
    if (action.model_error) {
      search.seen.error = PlainError{*action.model_error, run_with(search, from, action)};
      return false;
    }
    ++search.seen.transitions;
    if (!action.failed.empty()) note_failed(search, action.failed, run_with(search, from, action));
    const std::size_t to = number_of(search, action.next, Arrival{from, action});
    search.seen.edges.push_back({from, to, action.thread, action.step});
  }
  return true;
}

void search_all(PlainSearch& search, std::size_t most_states) {
  search.interpreter.each_start([&](const Start& start) {
    number_of(search, start.state, {});
    note_failed(search, start.failed, PlainRun{start.state, {}});
    return search.seen.states.size() <= most_states;
  });
  for (std::size_t s = 0; s < search.seen.states.size(); ++s) {
    if (search.seen.states.size() > most_states) return;
    if (!expand(search, s)) return;
  }
  search.seen.complete = true;
}

// The labels that control flow reaches, guards aside, from the start.
std::set<model::Id<model::Label>> flow(const Interpreter& interpreter, model::Id<model::Thread> id) {
  const model::Thread& thread = interpreter.instance().model().threads[id];
  std::set<model::Id<model::Label>> reached = {thread.start};
  for (bool grows = true; grows;) {
    grows = false;
    for (std::size_t s = 0; s < thread.steps.size(); ++s) {
      const model::Step& step = thread.steps[s];
      if (interpreter.ruled_out(id, s) || !reached.contains(step.from)) continue;
      if (!step.silent && interpreter.is_silent(id, step.from)) continue; // nobody rests there to take it
      grows = reached.insert(step.to).second || grows;
    }
  }
  return reached;
}

std::vector<std::string> unreached_labels(const Interpreter& interpreter, const std::vector<State>& states) {
  std::set<std::pair<model::Id<model::Thread>, model::Id<model::Label>>> visited;
  const auto& threads = interpreter.instance().threads();
  for (const State& state : states)
    for (std::size_t t = 0; t < threads.size(); ++t) visited.insert({threads[t].thread, state.at[t]});
  std::vector<std::string> names;
  for (const auto id : interpreter.instance().model().threads.ids()) {
    const model::Thread& thread = interpreter.instance().model().threads[id];
    for (const auto label : flow(interpreter, id)) {
      if (interpreter.is_silent(id, label) || visited.contains({id, label})) continue;
      names.push_back(fmt::format("{}: {}", thread.name, thread.labels[label].name));
    }
  }
  return names;
}

bool is_claimed(const Interpreter& interpreter, const model::Property& property) {
  if (property.claimed_when.empty()) return true;
  const auto& instance = interpreter.instance();
  return model::evaluate_constant(instance.model(), instance.valuation(), property.claimed_when) != 0;
}

PlainVerdict verdict_on(const PlainSearch& search, const model::Property& property, std::size_t most_states) {
  if (std::holds_alternative<model::LockDiscipline>(property.claim))
    return watch_locks(search.interpreter, property.name, most_states);
  return judge_plainly(search, property);
}

} // namespace

PlainRun PlainSearch::run_to(std::size_t state) const {
  PlainRun run;
  for (; arrival[state]; state = arrival[state]->from) run.actions.push_back(arrival[state]->action);
  std::reverse(run.actions.begin(), run.actions.end());
  run.start = seen.states[state];
  return run;
}

PlainExploration explore_plainly(const Interpreter& interpreter, std::size_t most_states) {
  PlainSearch search{interpreter, {}, {}, {}, {}};
  search_all(search, most_states);
  PlainExploration& seen = search.seen;
  if (seen.error) return std::move(seen);
  for (const model::Property& property : interpreter.instance().model().properties)
    if (is_claimed(interpreter, property))
      seen.properties.push_back(verdict_on(search, property, most_states));
  if (const auto stop = first_stop(search)) seen.stop_depth = seen.depth_of[stop->state];
  if (const auto stuck = first_stuck(search)) seen.stuck_depth = seen.depth_of[stuck->state];
  if (seen.complete) seen.unreached_labels = unreached_labels(interpreter, seen.states);
  return std::move(seen);
}

} // namespace tdxcheck::semantics
