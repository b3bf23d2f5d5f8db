// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/event_sequence.h"

#include "audit/named_state.h"
#include "audit/reenact.h"
#include "audit/replay.h"
#include "semantics/interpreter.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tdxcheck::audit {
namespace {

using semantics::Action;
using semantics::Interpreter;
using semantics::State;
using States = std::set<State>;

const model::Step& step_of(const Interpreter& interpreter, const Action& action) {
  const model::Instance& instance = interpreter.instance();
  return instance.model().threads[instance.threads()[action.thread].thread].steps[action.step];
}

std::optional<result::Event> event_of(const Interpreter& interpreter, const Action& action,
                                      const result::Calls& answered) {
  const model::Step& step = step_of(interpreter, action);
  return result::event_of(interpreter.instance().threads()[action.thread].name, step.call, step.status,
                          answered);
}

class TooMany {};

class Subsets {
public:
  Subsets(const Interpreter& interpreter, const result::Calls& answered, std::size_t most_states,
          const std::function<bool()>& enough)
      : interpreter_(interpreter), answered_(answered), left_(most_states), enough_(enough) {}

  [[nodiscard]] std::size_t longest_prefix(const std::vector<result::Event>& events) {
    States now;
    interpreter_.each_start([&](const semantics::Start& start) {
      spend();
      now.insert(start.state);
      return true;
    });
    for (std::size_t i = 0; i < events.size(); ++i) {
      now = after(std::move(now), events[i]);
      if (now.empty()) return i;
    }
    return events.size();
  }

private:
  void spend() {
    constexpr std::size_t often = 256;
    if (left_ == 0 || (left_ % often == 0 && enough_())) throw TooMany();
    --left_;
  }

  // The states behind the event, from any state that silent steps lead to.
  [[nodiscard]] States after(States seen, const result::Event& event) {
    States next;
    std::vector<State> open(seen.begin(), seen.end());
    while (!open.empty()) {
      const State state = std::move(open.back());
      open.pop_back();
      spend();
      for (const Action& action : interpreter_.actions(state)) {
        if (action.model_error) continue;
        const auto seen_event = event_of(interpreter_, action, answered_);
        if (seen_event == event) next.insert(action.next);
        else if (!seen_event && seen.insert(action.next).second) open.push_back(action.next);
      }
    }
    return next;
  }

  const Interpreter& interpreter_;
  const result::Calls& answered_;
  std::size_t left_;
  const std::function<bool()>& enough_;
};

} // namespace

std::optional<std::size_t> longest_prefix(const model::Model& written, const model::Valuation& valuation,
                                          const std::vector<result::Event>& events,
                                          const result::Calls& answered, std::size_t most_states,
                                          const std::function<bool()>& enough) {
  const Interpreter interpreter(written, valuation);
  try {
    return Subsets(interpreter, answered, most_states, enough).longest_prefix(events);
  } catch (const TooMany&) {
    return {};
  }
}

std::string why_not_a_run_of(const model::Model& written, const model::Valuation& valuation,
                             const result::Trace& trace, const std::vector<result::Event>& events,
                             const result::Calls& answered) {
  const ReplayResult replayed = replay_run(written, valuation, trace);
  if (!replayed.valid) return fmt::format("step {}: {}", replayed.step + 1, replayed.why);
  const Interpreter interpreter(written, valuation);
  std::optional<State> state;
  interpreter.each_start([&](const semantics::Start& start) {
    if (difference(interpreter.instance(), start.state, trace.initial, "starts as").empty())
      state = start.state;
    return !state;
  });
  std::size_t done = 0;
  for (const result::TraceStep& told : trace.steps) {
    const auto event = result::event_of(told.thread, told.call, told.status, answered);
    const Fitting fits = fitting(interpreter, *state, told, Expect::a_step);
    const bool has_it = std::ranges::any_of(
        fits.actions, [&](const Action& action) { return event_of(interpreter, action, answered) == event; });
    if (!has_it) return "a step answers otherwise than the trace says";
    state = fits.actions.front().next;
    if (!event) continue;
    if (done == events.size() || events[done] != *event) return "it has other events: " + in_words(*event);
    ++done;
  }
  return done == events.size() ? "" : "it has fewer events";
}

} // namespace tdxcheck::audit
