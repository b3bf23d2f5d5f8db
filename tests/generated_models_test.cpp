// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: the generator draws models that all look alike, or that mean nothing, and everything agrees on
// them.
#include "lower/instantiate.h"
#include "model/validate.h"
#include "semantics/brute_force.h"
#include "tests/generated_models.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

namespace generated_models_test {

using namespace tdxcheck;
using semantics::Judged;

constexpr std::uint64_t seeds = 120;

// "balanced violated": how often a claim was judged so.
using Tally = std::map<std::string, int>;

void count(Tally& tally, const semantics::PlainExploration& seen) {
  if (seen.error) ++tally["model error"];
  for (const auto& verdict : seen.properties)
    ++tally[verdict.property + (verdict.judged == Judged::violated ? " violated" : " holds")];
  if (seen.stuck_depth && !seen.stop_depth) ++tally["stuck without a stop"];
}

// Instantiation keeps everything that can be seen.
void same_when_instantiated(const model::Model& model, const model::Valuation& valuation,
                            const semantics::PlainExploration& seen) {
  const model::Model instantiated = lower::instantiate(model, valuation);
  const auto again = semantics::explore_plainly(semantics::Interpreter(instantiated, valuation), 100'000);
  REQUIRE(again.error.has_value() == seen.error.has_value());
  if (seen.error) {
    CHECK(again.error->run.actions.size() == seen.error->run.actions.size());
    return;
  }
  CHECK(again.states.size() == seen.states.size());
  CHECK(again.transitions == seen.transitions);
  CHECK(again.depth == seen.depth);
  REQUIRE(again.properties.size() == seen.properties.size());
  for (std::size_t p = 0; p < seen.properties.size(); ++p) {
    CAPTURE(seen.properties[p].property);
    CHECK(again.properties[p].judged == seen.properties[p].judged);
    CHECK(again.properties[p].depth() == seen.properties[p].depth());
  }
  // It sees more branches that nobody can take, hence fewer labels that nobody reaches.
  for (const std::string& label : again.unreached_labels)
    CHECK(std::ranges::find(seen.unreached_labels, label) != seen.unreached_labels.end());
}

TEST_CASE("a random model validates, is small, and means the same when it is instantiated") {
  Tally tally;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const model::Model model = tests::random_model(seed);
    CAPTURE(model.name);
    REQUIRE(model::describe(model::validate(model)) == "");
    for (const auto& valuation : {model::defaults(model), tests::random_valuation(model, seed)}) {
      const auto seen = semantics::explore_plainly(semantics::Interpreter(model, valuation), 100'000);
      CHECK(seen.states.size() <= tests::most_generated_states);
      count(tally, seen);
      same_when_instantiated(model, valuation, seen);
    }
  }
  // Every claim comes out either way, often enough to be worth comparing.
  for (const std::string name :
       {"always", "sometimes", "balanced", "no_deadlock", "lock_discipline", "asserted"}) {
    CAPTURE(name);
    CHECK(tally[name + " violated"] >= 10);
    CHECK(tally[name + " holds"] >= 10);
  }
  CHECK(tally["model error"] >= 1);
  CHECK(tally["stuck without a stop"] >= 10);
}

TEST_CASE("the same seed yields the same model, another seed another") {
  CHECK(tests::random_model(7) == tests::random_model(7));
  CHECK_FALSE(tests::random_model(7) == tests::random_model(8));
}

TEST_CASE("tiny models are all different, validate, and mean the same when they are instantiated") {
  CHECK(tests::tiny_model_count() == 7380);
  Tally tally;
  for (std::size_t number = 0; number < tests::tiny_model_count(); ++number) {
    const model::Model model = tests::tiny_model(number);
    CAPTURE(model.name);
    REQUIRE(model::describe(model::validate(model)) == "");
    const auto valuation = model::defaults(model);
    const auto seen = semantics::explore_plainly(semantics::Interpreter(model, valuation), 1000);
    CHECK(seen.states.size() <= 16);
    count(tally, seen);
    same_when_instantiated(model, valuation, seen);
  }
  for (const std::string name :
       {"not_both", "not_all_at_b", "both", "balanced", "no_deadlock", "lock_discipline", "x_is_clear"}) {
    CAPTURE(name);
    CHECK(tally[name + " violated"] >= 500);
    CHECK(tally[name + " holds"] >= 500);
  }
}

} // namespace generated_models_test
