// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a reduction that leaves out one order of steps too many would hide the very run that somebody
// is looking for.
#include "explore/stubborn_sets.h"

#include "model/validate.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/locking_models.h"
#include "tests/planted_bugs.h"
#include "tests/reduction_agrees.h"
#include "tests/sample_models.h"
#include "tests/with_leftovers.h"

#include <doctest/doctest.h>

namespace stubborn_sets_test {

using namespace tdxcheck;
using tests::Effect;
using tests::expect_an_effect;
using tests::expect_the_same;

TEST_CASE("reduction keeps what is judged of random models") {
  Effect effect;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(120); ++seed) {
    expect_the_same(tests::random_model(seed), {}, effect);
    expect_the_same(tests::random_model(seed), seed, effect);
    expect_the_same(tests::with_leftovers(tests::random_model(seed), seed), seed / 2, effect);
  }
  expect_an_effect(effect);
}

TEST_CASE("reduction keeps what is judged of small models, a sample of all") {
  Effect effect;
  for (std::size_t number = 0; number < tests::tiny_model_count(); number += 23)
    expect_the_same(tests::tiny_model(number), number, effect);
  expect_an_effect(effect);
}

TEST_CASE("reduction keeps what is judged of threads that take locks, rightly or not") {
  Effect effect;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(150); ++seed) {
    const model::Model model = tests::locking_model(seed);
    REQUIRE(model::describe(model::validate(model)) == "");
    expect_the_same(model, {}, effect);
    expect_the_same(model, seed, effect);
  }
  expect_an_effect(effect);
  CHECK(effect.reduced * 2 < effect.all);
}

TEST_CASE("reduction hides no planted bug") {
  Effect effect;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (const tests::PlantedBug& bug : tests::planted_bugs(tests::random_model(seed))) {
      CAPTURE(bug.what);
      expect_the_same(bug.model, seed, effect);
    }
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (const tests::PlantedBug& bug : tests::planted_bugs(tests::locking_model(seed))) {
      CAPTURE(bug.what);
      expect_the_same(bug.model, {}, effect);
    }
  for (const tests::PlantedBug& bug : tests::planted_bugs(tests::two_threads_one_lock())) {
    CAPTURE(bug.what);
    expect_the_same(bug.model, {}, effect);
  }
  expect_an_effect(effect);
}

} // namespace stubborn_sets_test
