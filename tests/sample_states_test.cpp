// SPDX-License-Identifier: GPL-2.0-or-later
//
// States of small instances, from which lemmas are learnt. Caught here: of the instance that is too large to
// be seen in full, nothing but what is near the start.

#include <doctest/doctest.h>

#include <algorithm>

#include "run/sample_states.h"
#include "tests/any_size.h"

namespace tdxcheck::tests::sample_states_test {

bool has_all_at_the_end(const prove::SizedStates& sized) {
  prove::Sample sample;
  for (std::size_t i = 0; i < sized.states.size(); ++i) {
    sized.states.read(i, sample);
    const auto is_at_end = [&](model::Id<model::Label> label) {
      return sized.model.threads[model::Id<model::Thread>{0}].labels[label].end;
    };
    if (std::ranges::all_of(sample.state.at, is_at_end)) return true;
  }
  return false;
}

// Of three members there are 20 states; the last one is that all have ended.
TEST_CASE("of an instance that is not seen in full, how things end is") {
  const prove::Problem problem = open_problem(one_lock_for_all(true));
  const auto sized = run::sample_small_instances(problem, 26, 5);
  REQUIRE(sized.size() == 3);
  CHECK(sized[0].states.size() == 3);
  CHECK(sized[1].states.size() == 8);
  for (const prove::SizedStates& one : sized) {
    CAPTURE(one.states.size());
    CHECK(one.states.size() < 20);
    CHECK(has_all_at_the_end(one));
  }
}

TEST_CASE("walks from a state go where moves go, and the same way each time") {
  const prove::Problem problem = open_problem(one_lock_for_all(true));
  const auto sized = run::sample_small_instances(problem, 1000, 5);
  REQUIRE(sized.size() == 3);
  const auto walked = [&] {
    const auto again = run::sample_small_instances(problem, 1000, 5).back();
    CHECK(again.states.is_complete());
    std::vector<prove::State> all;
    prove::Sample first;
    again.states.read(0, first);
    again.walk(first.state, [&](const prove::State& state) {
      all.push_back(state);
      return true;
    });
    return all;
  };
  const std::vector<prove::State> states = walked();
  CHECK(states.size() > 10);
  CHECK(states == walked());
  std::vector<prove::State> reachable;
  prove::Sample sample;
  for (std::size_t i = 0; i < sized.back().states.size(); ++i) {
    sized.back().states.read(i, sample);
    reachable.push_back(sample.state);
  }
  for (const prove::State& state : states) CHECK(std::ranges::count(reachable, state) == 1);
}

} // namespace tdxcheck::tests::sample_states_test
