// SPDX-License-Identifier: GPL-2.0-or-later
//
// What looks reachable, and what is found of it without the solver. Caught here: a state put together from
// two that is of neither, a reachable state that does not look it, an unreachable one that does, news that is
// lost.

#include <doctest/doctest.h>

#include <algorithm>

#include "prove/climb.h"
#include "run/sample_states.h"
#include "tests/any_size.h"
#include "tests/sketch.h"

namespace tdxcheck::tests::climb_test {

using namespace prove;

std::vector<State> all_states(const SizedStates& sized) {
  std::vector<State> all;
  Sample sample;
  for (std::size_t i = 0; i < sized.states.size(); ++i) {
    sized.states.read(i, sample);
    all.push_back(sample.state);
  }
  return all;
}

TEST_CASE("a child has nothing that is of neither of its parents") {
  const Problem problem = open_problem(one_lock_for_all(false));
  const SizedStates sized = run::sample_small_instances(problem, 1000, 5).back();
  const model::Instance instance(sized.model, sized.valuation);
  const CrossOver cross_over(instance);
  const std::vector<State> states = all_states(sized);
  std::mt19937 random;
  bool some_is_new = false;
  for (int i = 0; i < 1000; ++i) {
    const State &of = states[random() % states.size()], &other = states[random() % states.size()];
    const State child = cross_over.child(of, other, random);
    for (std::size_t c = 0; c < child.cells.size(); ++c)
      CHECK((child.cells[c] == of.cells[c] || child.cells[c] == other.cells[c])); // no variable has an index
    for (std::size_t t = 0; t < child.at.size(); ++t)
      CHECK((child.at[t] == of.at[t] || std::ranges::count(other.at, child.at[t]) > 0));
    some_is_new = some_is_new || std::ranges::count(states, child) == 0;
  }
  CHECK(some_is_new);
}

struct Lab {
  Problem problem = open_problem(one_lock_for_all(true));
  std::vector<SizedStates> sized;
  z3::context context;
  Deadline deadline{context, 200, {}};
  SeenViews seen;
  Climb climb;

  explicit Lab(std::size_t most_states)
      : sized(run::sample_small_instances(problem, most_states, 5)),
        seen(problem, sized, deadline),
        climb(seen, problem, sized, {}, deadline) {}

  // Of two members.
  [[nodiscard]] State state_in_names(const State& state) const {
    const model::Instance names(problem.model, problem.valuation);
    State all{std::vector<model::Value>(names.cells().size(), 0),
              std::vector<model::Id<model::Label>>(names.threads().size(), model::Id<model::Label>{0})};
    std::ranges::copy(state.cells, all.cells.begin());
    std::ranges::copy(state.at, all.at.begin());
    return all;
  }
  [[nodiscard]] std::optional<bool> looks_reachable(const State& state) const {
    return climb.looks_reachable({sized[1].valuation.parameters, state_in_names(state), {}});
  }
};

TEST_CASE("what was reached looks it, and two inside do not, until a counterexample says that they are") {
  Lab lab(1000);
  lab.climb.from_reached();
  const std::vector<State> states = all_states(lab.sized[1]);
  for (const State& state : states) CHECK(lab.looks_reachable(state) == true);

  const model::Instance instance(lab.sized[1].model, lab.sized[1].valuation);
  State both = states.front();
  const model::Thread& worker = instance.model().threads[model::Id<model::Thread>{0}];
  for (const auto id : worker.labels.ids())
    if (worker.labels[id].name == "inside") both.at.assign(2, id);
  REQUIRE(both != states.front());
  CHECK(lab.looks_reachable(both) == false);

  const Counterexample found{lab.sized[1].valuation.parameters, lab.state_in_names(states.front()),
                             lab.state_in_names(both)};
  const model::Instance names(lab.problem.model, lab.problem.valuation);
  const std::vector<bool> all_matters(names.cells().size() + names.threads().size(), true);
  CHECK(!lab.climb.near(found, all_matters).empty());
  CHECK(lab.looks_reachable(both) == true);
  CHECK(lab.climb.near(found, all_matters).empty());
}

// Of three members the sample has less than a half.
TEST_CASE("what a sample lacks is found") {
  Lab lab(26);
  const std::size_t few = lab.sized.back().states.size();
  lab.climb.from_reached();
  const auto all = run::sample_small_instances(lab.problem, 1000, 5);
  REQUIRE(all.back().states.size() > few);
  const model::Instance instance(all.back().model, all.back().valuation);
  const std::vector<model::Value>& parameters = all.back().valuation.parameters;
  for (const State& state : all_states(all.back()))
    CHECK(!lab.seen.is_new(instance, state, parameters, lab.seen.sizes_for(parameters)));
}

TEST_CASE("of an instance that is larger than there are names, nothing is said") {
  const Lab lab(1000);
  const State state = lab.state_in_names(all_states(lab.sized[1]).front());
  std::vector<model::Value> parameters = lab.sized[1].valuation.parameters;
  parameters[size_parameter(lab.problem.model).value] = 4;
  CHECK(!lab.climb.looks_reachable({parameters, state, {}}).has_value());
}

} // namespace tdxcheck::tests::climb_test
