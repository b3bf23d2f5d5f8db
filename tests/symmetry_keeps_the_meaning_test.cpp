// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a set could be taken for symmetric in which a guard, a claim or a lock order tells members
// apart, a thread that is stuck could hide behind another one, and a trace could name the wrong members.
#include "run/use_symmetry.h"

#include "explore/check.h"
#include "lower/find_symmetry.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/symmetric_models.h"
#include "tests/unconfirmed.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

namespace symmetry_keeps_the_meaning_test {

using namespace tdxcheck;
using Difference = std::optional<std::string>;

std::uint64_t effort() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 30 : 1; }

result::CheckResult check(const model::Model& written, bool symmetry) {
  const model::Valuation valuation = model::defaults(written);
  const model::Model instantiated = lower::instantiate(written, valuation);
  run::CheckOptions options;
  options.symmetry = symmetry;
  const run::Searched searched = run::searched_model(instantiated, valuation, options);
  options.search.symmetry = searched.symmetry ? &*searched.symmetry : nullptr;
  return explore::check(written, valuation, instantiated, searched.model, options.search);
}

Difference difference(const result::CheckResult& without, const result::CheckResult& with) {
  if (without.model_error.has_value() != with.model_error.has_value()) return "a model error";
  if (without.model_error) {
    if (without.model_error->trace.steps.size() != with.model_error->trace.steps.size())
      return "steps to the model error";
    return {};
  }
  if (with.states > without.states) return "there are more states";
  // Where the initial states are not symmetric, a renamed state may be reached sooner than the state.
  if (with.depth > without.depth) return "the search goes deeper";
  for (std::size_t p = 0; p < without.properties.size(); ++p) {
    const auto &a = without.properties[p], &b = with.properties[p];
    if (a.verdict != b.verdict) return "the verdict on " + a.name;
    if (a.trace.has_value() != b.trace.has_value()) return "a run of " + a.name;
    if (a.trace && a.trace->steps.size() != b.trace->steps.size())
      return "the length of the run of " + a.name;
  }
  if (without.vacuity.unreached_labels != with.vacuity.unreached_labels) return "unreached labels";
  if (without.vacuity.unreached_steps != with.vacuity.unreached_steps) return "unreached steps";
  if (without.vacuity.idle_guards != with.vacuity.idle_guards) return "idle guards";
  if (without.vacuity.vacuous_properties != with.vacuity.vacuous_properties) return "vacuous properties";
  return {};
}

struct States {
  std::uint64_t without = 0, with = 0;
};

Difference wrong(const model::Model& written, States* states = nullptr) {
  try {
    const auto without = check(written, false), with = check(written, true);
    if (states != nullptr) states->without += without.states, states->with += with.states;
    const Difference d = difference(without, with);
    return d ? d : tests::unconfirmed(written, model::defaults(written), with);
  } catch (const support::InputError&) {
    return {};
  }
}

void expect_the_same(const model::Model& written, States* states = nullptr) {
  const Difference found = wrong(written, states);
  if (!found) return;
  const model::Model small = tests::shrunk(written, [](const model::Model& m) {
    try {
      return wrong(m).has_value();
    } catch (const std::exception&) {
      return false;
    }
  });
  FAIL(written.name << ": " << *found << "\nsmaller: " << wrong(small).value_or("") << "\n"
                    << tests::written_out(small));
}

// It claims besides that what happens sometimes can always happen again.
model::Model with_recovery(model::Model model) {
  for (const model::Property& property : model.properties) {
    const auto* sometimes = std::get_if<model::Sometimes>(&property.claim);
    if (sometimes == nullptr) continue;
    model.properties.push_back({"recoverable", model::Recoverable{sometimes->condition}, {}, "", {}});
    break;
  }
  return model;
}

TEST_CASE("symmetry keeps verdicts, shortest runs, coverage, and traces replay") {
  States states;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(150 * effort()); ++seed)
    expect_the_same(with_recovery(tests::symmetric_model(seed)), &states);
  CHECK(states.with * 10 < states.without * 7);
}

TEST_CASE("where members are named, or a claim names them, the others are merged at most") {
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(120 * effort()); ++seed)
    expect_the_same(tests::random_model(seed));
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()})
    expect_the_same(written);
}

TEST_CASE("symmetry hides no bug, whatever step it is planted in") {
  for (std::uint64_t seed = 1; seed <= 15 * effort(); ++seed) {
    const model::Model written = tests::symmetric_model(seed);
    for (std::size_t step = 0; step < tests::step_count(written); ++step)
      expect_the_same(tests::with_planted_bug(written, step));
  }
}

} // namespace symmetry_keeps_the_meaning_test
