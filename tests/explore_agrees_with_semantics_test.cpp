// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, any mistake in instantiation, packing, bytecode, search or judgement that yields a plausible
// number would pass: a dropped successor, a wrong silent branch, a range that is not checked.
#include "tests/agreement.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/inputs.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

namespace explore_agrees_with_semantics_test {

using namespace tdxcheck;

std::uint64_t random_models() { return tests::inputs(600, 20000); }

void expect_agreement(const model::Model& written, const model::Valuation& valuation) {
  const auto difference = tests::disagreement(written, valuation);
  if (!difference) return;
  const model::Model small = tests::shrunk(written, [&](const model::Model& candidate) {
    return tests::disagreement(candidate, valuation).has_value();
  });
  // The first one ends the test: shrinking takes its time.
  FAIL(written.name << ": " << *difference
                    << "\nsmaller: " << tests::disagreement(small, valuation).value_or("") << "\n"
                    << tests::written_out(small));
}

TEST_CASE("the engine agrees with the reference on every tiny model") {
  for (std::size_t number = 0; number < tests::tiny_model_count(); ++number) {
    const model::Model written = tests::tiny_model(number);
    expect_agreement(written, model::defaults(written));
  }
}

TEST_CASE("the engine agrees with the reference on random models") {
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(random_models()); ++seed) {
    const model::Model written = tests::random_model(seed);
    expect_agreement(written, model::defaults(written));
    expect_agreement(written, tests::random_valuation(written, seed));
  }
}

TEST_CASE("the engine agrees with the reference on the models written out by hand") {
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()}) {
    expect_agreement(written, model::defaults(written));
    model::Valuation without = model::defaults(written);
    without.kept.assign(without.kept.size(), false);
    expect_agreement(written, without);
  }
}

} // namespace explore_agrees_with_semantics_test
