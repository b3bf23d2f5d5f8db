// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/compare_runs.h"

#include "audit/event_sequence.h"
#include "explore/trace_of.h"
#include "explore/walk.h"
#include "graph/trace_inclusion.h"
#include "support/error.h"

#include <fmt/format.h>

#include <map>

namespace tdxcheck::run {
namespace {

using graph::LabelledGraph;
using graph::LabelNumber;
using result::Event;
using result::RunsChange;

struct OutOfBudget {
  std::string why;
};

// Both graphs number events alike.
class Alphabet {
public:
  explicit Alphabet(result::Calls calls) : answered(std::move(calls)) {}

  [[nodiscard]] std::vector<LabelNumber> labels_of(const explore::Explored& explored) {
    std::vector<LabelNumber> labels;
    for (const explore::Move move : explored.graph.move.distinct()) {
      const model::Step& step = explored.system.step_of(move);
      const std::string& who = explored.system.instance().threads()[move.thread].name;
      const auto event = result::event_of(who, step.call, step.status, answered);
      labels.push_back(event ? number(*event) : graph::silent);
    }
    return labels;
  }
  [[nodiscard]] std::vector<Event> events(const std::vector<LabelNumber>& labels) const {
    std::vector<Event> all;
    for (const LabelNumber label : labels) all.push_back(events_[label - 1]);
    return all;
  }

  [[nodiscard]] std::size_t size() const { return events_.size(); }

  const result::Calls answered;

private:
  LabelNumber number(const Event& event) {
    const auto [found, is_new] = numbers_.try_emplace(event, static_cast<LabelNumber>(events_.size() + 1));
    if (is_new) events_.push_back(event);
    return found->second;
  }

  std::map<Event, LabelNumber> numbers_;
  std::vector<Event> events_; // by label, without the silent one
};

result::Calls answered_in_either(const Compared& base, const Compared& now) {
  result::Calls calls = result::answered_calls(base.reach.instantiated());
  calls.merge(result::answered_calls(now.reach.instantiated()));
  return calls;
}

std::optional<std::string> out_of(const RunsBudget& budget, std::uint64_t bytes) {
  if (budget.interrupted != nullptr && budget.interrupted->load(std::memory_order_relaxed))
    return "interrupted";
  if (budget.seconds_left && budget.seconds_left() <= 0) return "the time budget ran out";
  if (budget.memory_bytes != 0 && bytes > budget.memory_bytes) return "the memory budget ran out";
  return {};
}

class Comparison {
public:
  Comparison(const Compared& base, const Compared& now, const RunsBudget& budget)
      : base_(base), now_(now), budget_(budget), alphabet_(answered_in_either(base, now)) {}

  [[nodiscard]] RunsChange decide() {
    RunsChange runs;
    try {
      const LabelledGraph base = graph_of(base_), now = graph_of(now_);
      runs.kinds = alphabet_.size();
      held_ = base.bytes() + now.bytes();
      const LabelledGraph small_base = graph::with_the_same_traces(base, check_);
      const LabelledGraph small_now = graph::with_the_same_traces(now, check_);
      const graph::Inclusion inclusion = graph::trace_inclusion(small_now, small_base, check_);
      if (inclusion.included) {
        runs.answer = RunsChange::Answer::none_new;
        runs.how = inclusion.by_simulation ? "simulation" : "antichains";
        return runs;
      }
      show(runs, base, now, inclusion.trace);
    } catch (const OutOfBudget& stop) {
      runs = {};
      runs.answer = RunsChange::Answer::unknown;
      runs.how = stop.why;
    }
    return runs;
  }

private:
  [[nodiscard]] LabelledGraph graph_of(const Compared& side) {
    const explore::Explored explored = side.reach.explored();
    return graph::labelled_graph_of(explored.graph, alphabet_.labels_of(explored));
  }

  void show(RunsChange& runs, const LabelledGraph& base, const LabelledGraph& now,
            const std::vector<LabelNumber>& labels) {
    const graph::TracePath path = graph::shortest_path_with(now, labels, check_);
    if (!path.found) throw support::InternalError("NEW cannot do the sequence that was found in it");
    if (graph::shortest_path_with(base, labels, check_).found)
      throw support::InternalError("BASE can do the sequence that it was said not to have");
    const explore::Explored explored = now_.reach.explored();
    explore::Walk walk{{path.start}, {}, {}};
    explore::extend(walk, explored.graph, path.edges);
    runs.answer = RunsChange::Answer::some_new;
    runs.how = "antichains";
    runs.events = alphabet_.events(labels);
    runs.run = explore::TraceWriter(explored.written, explored.system, explored.graph, explored.instantiated)
                   .along(walk);
    runs.run->target = now_.target.name;
    runs.run->parameters = now_.target.parameters();
    runs.run->without = now_.target.without();
    runs.run->fair = now_.target.fair;
    confirm(runs);
  }

  void confirm(RunsChange& runs) const {
    const std::string wrong = audit::why_not_a_run_of(now_.target.model, now_.target.valuation, *runs.run,
                                                      runs.events, alphabet_.answered);
    if (!wrong.empty())
      throw support::InternalError(fmt::format("the run that BASE does not have does not replay: {}", wrong));
    constexpr std::size_t most_states = 500'000;
    const auto prefix =
        audit::longest_prefix(base_.target.model, base_.target.valuation, runs.events, alphabet_.answered,
                              most_states, [&] { return out_of(budget_, 0).has_value(); });
    if (!prefix)
      runs.caveat = "that BASE cannot do it was confirmed on the states that were searched only: too many "
                    "for the reference semantics";
    else if (*prefix == runs.events.size())
      throw support::InternalError("the reference semantics can do in BASE what it was said not to have");
  }

  const Compared& base_;
  const Compared& now_;
  const RunsBudget& budget_;
  Alphabet alphabet_;
  std::uint64_t held_ = 0;
  const graph::CheckBudget check_ = [this](std::uint64_t bytes) {
    if (const auto why = out_of(budget_, held_ + bytes)) throw OutOfBudget{*why};
  };
};

} // namespace

RunsChange compare_runs(const Compared& base, const Compared& now, const RunsBudget& budget) {
  for (const Compared* side : {&base, &now}) {
    if (side->reach.is_complete()) continue;
    RunsChange runs;
    runs.answer = RunsChange::Answer::unknown;
    runs.how = side->target.name + ": " + side->reach.incomplete_because();
    return runs;
  }
  return Comparison(base, now, budget).decide();
}

} // namespace tdxcheck::run
