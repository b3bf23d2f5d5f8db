// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/lock_history.h"
#include "semantics/plain_search.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

// A state, and what each of its threads went through to get there.
struct Watched {
  State state;
  std::vector<LockHistory> history;
  friend auto operator<=>(const Watched&, const Watched&) = default;
};

struct Place {
  Watched watched;
  std::size_t depth;
  std::optional<Arrival> arrival;
};

struct Watch {
  const Interpreter& interpreter;
  PlainVerdict verdict;
  std::set<Watched> known;
  std::vector<Place> queue;

  const std::string& name(std::size_t thread) const { return interpreter.instance().threads()[thread].name; }

  PlainRun run_to(std::size_t place) const {
    PlainRun run;
    for (; queue[place].arrival; place = queue[place].arrival->from)
      run.actions.push_back(queue[place].arrival->action);
    std::reverse(run.actions.begin(), run.actions.end());
    run.start = queue[place].watched.state;
    return run;
  }

  PlainVerdict blame(PlainRun run, std::size_t thread, const std::string& why) const {
    PlainVerdict blamed = verdict;
    blamed.judged = Judged::violated;
    blamed.run = std::move(run);
    blamed.thread = thread;
    blamed.why = fmt::format("{} {}", name(thread), why);
    return blamed;
  }

  bool is_violated() const { return verdict.judged == Judged::violated; }

  void arrive(Watched watched, std::optional<Arrival> arrival) {
    const std::size_t depth = arrival ? queue[arrival->from].depth + 1 : 0;
    if (known.insert(watched).second) queue.push_back({std::move(watched), depth, std::move(arrival)});
  }

  void start(std::size_t most_states) {
    const model::Model& model = interpreter.instance().model();
    interpreter.each_start([&](const Start& start) {
      Watched watched{start.state, std::vector<LockHistory>(start.state.at.size())};
      for (std::size_t t = 0; t < start.happened.size(); ++t) {
        const auto complaint = follow(model, watched.history[t], start.happened[t]);
        if (complaint && !is_violated()) verdict = blame(PlainRun{start.state, {}}, t, *complaint);
      }
      arrive(std::move(watched), {});
      return queue.size() <= most_states;
    });
  }

  void look_around(std::size_t place) {
    const Watched watched = queue[place].watched;
    for (std::size_t t = 0; t < watched.history.size() && !is_violated(); ++t)
      if (const auto complaint = wrong_at_label(interpreter, watched.state, t, watched.history[t]))
        verdict = blame(run_to(place), t, *complaint);
  }

  // What is wrong with a step shows one step further on than what is wrong with a label: it is kept for
  // later.
  void go_on(std::size_t place, std::optional<PlainVerdict>& later) {
    const Watched watched = queue[place].watched;
    for (const Action& action : interpreter.actions(watched.state)) {
      if (action.model_error) continue;
      Watched next{action.next, watched.history};
      const auto complaint =
          follow(interpreter.instance().model(), next.history[action.thread], action.happened);
      if (complaint && !later) {
        PlainRun run = run_to(place);
        run.actions.push_back(action);
        later = blame(std::move(run), action.thread, *complaint);
      }
      arrive(std::move(next), Arrival{place, action});
    }
  }
};

} // namespace

PlainVerdict watch_locks(const Interpreter& interpreter, const std::string& property,
                         std::size_t most_states) {
  Watch watch{interpreter, {}, {}, {}};
  watch.verdict.property = property;
  watch.start(most_states);
  std::optional<PlainVerdict> in_a_step; // the first step found wrong
  for (std::size_t p = 0; p < watch.queue.size() && !watch.is_violated(); ++p) {
    if (in_a_step && watch.queue[p].depth >= in_a_step->depth()) return *in_a_step;
    if (watch.queue.size() > most_states) {
      if (in_a_step) return *in_a_step;
      watch.verdict.why = fmt::format("only {} states were searched", watch.queue.size());
      return watch.verdict;
    }
    watch.look_around(p);
    if (!watch.is_violated()) watch.go_on(p, in_a_step);
  }
  if (watch.is_violated()) return watch.verdict;
  if (in_a_step) return *in_a_step;
  watch.verdict.judged = Judged::holds;
  return watch.verdict;
}

} // namespace tdxcheck::semantics
