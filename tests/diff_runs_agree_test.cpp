// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this the events of a move could be mixed up with those of another, a model that was shrunk could
// have lost a sequence, or the shortest sequence that differs could be missed: compared with the plain subset
// construction over the states of the reference semantics.
#include "audit/event_sequence.h"
#include "run/compare_runs.h"
#include "semantics/brute_force.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/inputs.h"
#include "tests/random_labelled_graph.h"

#include <doctest/doctest.h>

#include <map>

namespace diff_runs_agree_test {

using namespace tdxcheck;
using result::Event;

constexpr std::size_t most_states = 3000;

// A random model, some steps of which answer something.
model::Model answering_model(std::uint64_t seed) {
  model::Model model = tests::random_model(seed);
  tests::Dice dice(seed);
  for (auto id : model.threads.ids())
    for (model::Step& step : model.threads[id].steps) {
      if (step.silent || dice.chance(40)) continue;
      step.call = dice.chance(70) ? "CALL" : "OTHER";
      if (dice.chance(80)) step.status = dice.chance(60) ? "SUCCESS" : "BUSY";
    }
  return model;
}

struct Numbers {
  std::map<Event, graph::LabelNumber> of;
  graph::LabelNumber operator()(const std::optional<Event>& event) {
    return event ? of.try_emplace(*event, static_cast<graph::LabelNumber>(of.size() + 1)).first->second
                 : graph::silent;
  }
};

graph::LabelledGraph plain_graph(const run::Target& target, const semantics::PlainExploration& seen,
                                 const result::Calls& answered, Numbers& numbers) {
  const model::Instance instance(target.model, target.valuation);
  std::vector<std::vector<graph::LabelledEdge>> out(seen.states.size());
  for (const semantics::PlainEdge& edge : seen.edges) {
    const model::ThreadInstance& who = instance.threads()[edge.thread];
    const model::Step& step = target.model.threads[who.thread].steps[edge.step];
    out[edge.from].push_back({numbers(result::event_of(who.name, step.call, step.status, answered)),
                              static_cast<graph::Node>(edge.to)});
  }
  graph::LabelledGraph graph;
  for (std::size_t s = 0; s < out.size(); ++s) {
    graph.add(out[s]);
    if (seen.depth_of[s] == 0) graph.initial.push_back(static_cast<graph::Node>(s));
  }
  return graph;
}

run::Target target_of(const model::Model& model, const model::Valuation& valuation) {
  return {"random", model, valuation, valuation, {}};
}

struct Plain {
  explicit Plain(const run::Target& target)
      : seen(semantics::explore_plainly(semantics::Interpreter(target.model, target.valuation),
                                        most_states)) {}
  semantics::PlainExploration seen;
  [[nodiscard]] bool usable() const { return seen.complete && !seen.error; }
};

TEST_CASE("comparing the runs of two valuations agrees with the plain subset construction") {
  int same = 0, different = 0;
  for (std::uint64_t seed = 0; seed < tests::inputs(150); ++seed) {
    CAPTURE(seed);
    const model::Model model = answering_model(seed);
    const run::Target base = target_of(model, model::defaults(model));
    const run::Target now = target_of(model, tests::random_valuation(model, seed));
    const Plain plain_base(base), plain_now(now);
    if (!plain_base.usable() || !plain_now.usable()) continue;
    run::Reach base_reach(base, {}), now_reach(now, {});
    const auto runs = run::compare_runs({base, base_reach}, {now, now_reach}, {});

    result::Calls answered = result::answered_calls(base_reach.instantiated());
    answered.merge(result::answered_calls(now_reach.instantiated()));
    Numbers numbers;
    const auto a = plain_graph(now, plain_now.seen, answered, numbers);
    const auto b = plain_graph(base, plain_base.seen, answered, numbers);
    const auto expected = tests::plain_difference(a, b, static_cast<unsigned>(numbers.of.size()));
    REQUIRE((runs.answer == result::RunsChange::Answer::some_new) == expected.has_value());
    if (!expected) {
      CHECK(runs.answer == result::RunsChange::Answer::none_new);
      ++same;
      continue;
    }
    ++different;
    CHECK(runs.events.size() == expected->size());
    REQUIRE(runs.run);
    CHECK(runs.caveat.empty());
    // The audit notices a sequence that is not that of the run.
    std::vector<Event> wrong = runs.events;
    wrong.back().status += "?";
    CHECK(audit::why_not_a_run_of(now.model, now.valuation, *runs.run, runs.events, answered).empty());
    CHECK_FALSE(audit::why_not_a_run_of(now.model, now.valuation, *runs.run, wrong, answered).empty());
    wrong.pop_back();
    CHECK_FALSE(audit::why_not_a_run_of(now.model, now.valuation, *runs.run, wrong, answered).empty());
    // BASE does all but the last event, NEW does them all.
    const auto never = [] { return false; };
    CHECK(audit::longest_prefix(base.model, base.valuation, runs.events, answered, 100'000, never) ==
          runs.events.size() - 1);
    CHECK(audit::longest_prefix(now.model, now.valuation, runs.events, answered, 100'000, never) ==
          runs.events.size());
  }
  CHECK(same > static_cast<int>(tests::inputs(10)));
  CHECK(different > static_cast<int>(tests::inputs(10)));
}

TEST_CASE("a budget that is used up leaves the runs unknown") {
  const model::Model model = answering_model(3);
  const run::Target target = target_of(model, model::defaults(model));
  run::Reach base(target, {}), now(target, {});
  const auto runs = run::compare_runs({target, base}, {target, now}, {[] { return -1.0; }, 0, nullptr});
  CHECK(runs.answer == result::RunsChange::Answer::unknown);
  CHECK(runs.how == "the time budget ran out");
}

} // namespace diff_runs_agree_test
