// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the prover could propose lemmas that states which it has seen refute, and lose its time, or
// its proofs, with them; or lemmas that do not exclude the state for which they were made, and go round for
// ever.

#include <doctest/doctest.h>

#include <algorithm>

#include "lower/instantiate.h"
#include "prove/groundwork.h"
#include "prove/other_members.h"
#include "prove/separate.h"
#include "semantics/brute_force.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"

namespace tdxcheck::tests::lemmas_exclude_no_seen_state_test {

constexpr std::uint64_t most_seeds = 40;
constexpr std::size_t most_states = 200, most_strangers = 10;

struct Explored {
  prove::Problem problem;
  std::vector<prove::Sample> samples;
  prove::Groundwork groundwork;

  explicit Explored(const model::Model& model)
      : problem{lower::instantiate(model, model::defaults(model)), model::defaults(model), {}},
        groundwork(problem, [this] { return seen(); }) {
    groundwork.lay();
  }

  prove::SeenStates seen() {
    prove::SeenStates seen;
    const semantics::Interpreter interpreter(problem.model, problem.valuation);
    for (const semantics::State& state : semantics::explore_plainly(interpreter, most_states).states) {
      samples.push_back({problem.valuation.parameters, {state.cells, state.at}});
      seen.add(samples.back());
    }
    return seen;
  }
};

std::vector<std::size_t> all_aspects(const prove::Features& features) {
  std::vector<std::size_t> all;
  for (std::size_t a = 0; a < features.aspects().size(); ++a) all.push_back(a);
  return all;
}

// One seen state with cells and labels of others: it may be seen, or not.
prove::Sample stranger(const Explored& explored, Dice& dice) {
  const auto any = [&] { return explored.samples[dice.below(explored.samples.size())]; };
  prove::Sample sample = any();
  for (std::size_t c = 0; c < sample.state.cells.size(); ++c)
    if (dice.below(3) == 0) sample.state.cells[c] = any().state.cells[c];
  for (std::size_t t = 0; t < sample.state.at.size(); ++t)
    if (dice.below(3) == 0) sample.state.at[t] = any().state.at[t];
  return sample;
}

void excludes_none(const Explored& explored, const prove::Box& box) {
  CHECK(std::ranges::none_of(explored.samples, [&](const prove::Sample& sample) {
    return prove::contains(explored.groundwork.features(), box, sample);
  }));
}

TEST_CASE("no seen state has a pair of values that is said never to occur") {
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
    CAPTURE(seed);
    const Explored explored(random_model(seed));
    for (const prove::Box& box : explored.groundwork.pairs()) excludes_none(explored, box);
  }
}

TEST_CASE("a box around a state that was not seen has that state in it, and none that was seen") {
  std::size_t boxes = 0;
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
    CAPTURE(seed);
    const Explored explored(random_model(seed));
    const prove::Features& features = explored.groundwork.features();
    Dice dice(seed);
    for (std::size_t n = 0; n < most_strangers && !explored.samples.empty(); ++n) {
      const prove::Sample sample = stranger(explored, dice);
      const bool is_seen = std::ranges::count(explored.samples, sample) > 0;
      CHECK(explored.groundwork.seen().is_seen(sample) == is_seen);
      const auto around =
          prove::boxes_around(features, explored.groundwork.seen(), sample, all_aspects(features), 5);
      if (is_seen) CHECK(around.empty());
      for (const prove::Box& box : around) {
        ++boxes;
        CHECK(prove::contains(features, box, sample));
        excludes_none(explored, box);
      }
    }
  }
  CHECK(boxes > 0);
}

TEST_CASE("what is said of one member is said of each other one") {
  const model::Model model = two_threads_one_lock();
  const model::Id<model::IndexSet> worker{0};
  const auto member = [&](model::Value m) {
    return model::literal({model::SortKind::index, worker.value}, m);
  };
  const model::Instance instance(model, model::defaults(model));
  const auto others = prove::for_other_members(instance, in_region({0}, {member(0)}));
  REQUIRE(others.size() == 1);
  CHECK(others.front() == in_region({0}, {member(1)}));
  CHECK(prove::for_other_members(instance,
                                 model::conjunction(in_region({0}, {member(0)}), in_region({0}, {member(1)})))
            .empty());
}

} // namespace tdxcheck::tests::lemmas_exclude_no_seen_state_test
