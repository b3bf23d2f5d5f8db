// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/plain_search.h"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

// States are in breadth-first order, so the first one found is a nearest one.
struct Judge {
  const PlainSearch& search;
  PlainVerdict verdict;

  const PlainExploration& seen() const { return search.seen; }

  PlainVerdict holds_if_complete() {
    if (seen().complete) verdict.judged = Judged::holds;
    else verdict.why = fmt::format("only {} states were searched", seen().states.size());
    return verdict;
  }

  PlainVerdict violated(PlainRun run, std::string why) {
    verdict.judged = Judged::violated;
    verdict.run = std::move(run);
    verdict.why = std::move(why);
    return verdict;
  }

  PlainVerdict not_judged() {
    verdict.why = "not judged by exploration yet";
    return verdict;
  }

  bool is_true(const State& state, const model::Expr& condition) const {
    return search.interpreter.evaluate(state, condition) != 0;
  }

  PlainVerdict operator()(const model::Always& claim) {
    for (std::size_t s = 0; s < seen().states.size(); ++s)
      if (!is_true(seen().states[s], claim.condition))
        return violated(search.run_to(s), "the condition is false");
    return holds_if_complete();
  }

  PlainVerdict operator()(const model::Asserted&) {
    const auto failed = search.failed.find(verdict.property);
    if (failed == search.failed.end()) return holds_if_complete();
    if (!failed->second.actions.empty()) verdict.thread = failed->second.actions.back().thread;
    return violated(failed->second, search.failed_text.at(verdict.property));
  }

  PlainVerdict operator()(const model::NoDeadlock&) {
    const auto stop = first_stop(search);
    const auto stuck = first_stuck(search);
    const auto& who = search.interpreter.instance().threads();
    // A stop is stuck as well, so that nothing stops nearer than the nearest stuck state.
    if (stop && (!stuck || seen().depth_of[stop->state] <= seen().depth_of[stuck->state])) {
      verdict.thread = stop->thread;
      return violated(search.run_to(stop->state),
                      fmt::format("nothing can happen, and {} is not at its end", who[stop->thread].name));
    }
    if (stuck) {
      verdict.thread = stuck->thread;
      return violated(search.run_to(stuck->state),
                      fmt::format("{} can never take a step again", who[stuck->thread].name));
    }
    return holds_if_complete();
  }

  PlainVerdict operator()(const model::Balanced& claim) {
    const model::Counter& counter = search.interpreter.instance().model().counters[claim.counter];
    for (std::size_t s = 0; s < seen().states.size(); ++s) {
      const State& state = seen().states[s];
      const model::Value value = search.interpreter.evaluate(state, counter.value);
      const model::Value holders = search.interpreter.evaluate(state, counter.holders);
      bool all_ended = true;
      for (std::size_t t = 0; t < state.at.size(); ++t)
        all_ended = all_ended && search.interpreter.at_end(state, t);
      if (value != holders)
        return violated(search.run_to(s), fmt::format("it counts {}, and {} hold it", value, holders));
      if (all_ended && value != 0)
        return violated(search.run_to(s), fmt::format("all threads have ended, and it counts {}", value));
      if (!counter.freed.empty() && is_true(state, counter.freed) && holders != 0)
        return violated(search.run_to(s), fmt::format("it is freed, and {} hold it", holders));
    }
    return holds_if_complete();
  }

  PlainVerdict operator()(const model::Sometimes& claim) {
    for (const State& state : seen().states) {
      if (!is_true(state, claim.condition)) continue;
      verdict.judged = Judged::holds;
      return verdict;
    }
    if (!seen().complete) return holds_if_complete();
    verdict.judged = Judged::violated;
    verdict.why = "no state satisfies it";
    return verdict;
  }

  // Judged by a search with histories.
  PlainVerdict operator()(const model::LockDiscipline&) { return not_judged(); }

  PlainVerdict operator()(const model::LockOrder&) { return not_judged(); }
  PlainVerdict operator()(const model::NoLivelock&) { return not_judged(); }
  PlainVerdict operator()(const model::NoStarvation&) { return not_judged(); }
  PlainVerdict operator()(const model::LeadsTo&) { return not_judged(); }
  PlainVerdict operator()(const model::Recoverable&) { return not_judged(); }
  PlainVerdict operator()(const model::Retries&) { return not_judged(); }
};

// By state: whether some continuation (the empty one included) leads to a state where the thread can move.
std::vector<bool> may_move_yet(const PlainExploration& seen, std::size_t thread) {
  std::vector<std::vector<std::size_t>> before(seen.states.size());
  std::vector<bool> may(seen.states.size(), false);
  std::deque<std::size_t> open;
  for (const PlainEdge& edge : seen.edges) {
    before[edge.to].push_back(edge.from);
    if (edge.thread != thread || may[edge.from]) continue;
    may[edge.from] = true;
    open.push_back(edge.from);
  }
  for (; !open.empty(); open.pop_front())
    for (const std::size_t s : before[open.front()]) {
      if (may[s]) continue;
      may[s] = true;
      open.push_back(s);
    }
  return may;
}

} // namespace

std::optional<DeadState> first_stop(const PlainSearch& search) {
  const PlainExploration& seen = search.seen;
  std::vector<bool> goes_on(seen.states.size(), false);
  for (const PlainEdge& edge : seen.edges) goes_on[edge.from] = true;
  for (std::size_t s = 0; s < seen.states.size(); ++s) {
    if (goes_on[s]) continue;
    // Of an unfinished search, the states at the end of the queue were not looked at.
    if (!seen.complete && !search.interpreter.actions(seen.states[s]).empty()) continue;
    for (std::size_t t = 0; t < seen.states[s].at.size(); ++t)
      if (!search.interpreter.at_end(seen.states[s], t)) return DeadState{s, t};
  }
  return {};
}

std::optional<DeadState> first_stuck(const PlainSearch& search) {
  const PlainExploration& seen = search.seen;
  if (!seen.complete) return {};
  std::optional<DeadState> first;
  for (std::size_t t = 0; t < search.interpreter.instance().threads().size(); ++t) {
    const std::vector<bool> may = may_move_yet(seen, t);
    for (std::size_t s = 0; s < seen.states.size() && (!first || s < first->state); ++s)
      if (!may[s] && !search.interpreter.at_end(seen.states[s], t)) first = DeadState{s, t};
  }
  return first;
}

PlainVerdict judge_plainly(const PlainSearch& search, const model::Property& property) {
  PlainVerdict verdict;
  verdict.property = property.name;
  return std::visit(Judge{search, verdict}, property.claim);
}

} // namespace tdxcheck::semantics
