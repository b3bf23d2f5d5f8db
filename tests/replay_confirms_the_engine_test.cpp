// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: engine and auditor differ on what a claim means, or on how a run is told, so that a right verdict
// ends as an internal error before the user sees it.
#include "audit/replay.h"
#include "explore/check.h"
#include "lower/instantiate.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace replay_confirms_the_engine_test {

using namespace tdxcheck;

std::uint64_t random_models() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 20'000 : 400; }

struct Count {
  int violations = 0, errors = 0;
};

void audit_all(const model::Model& written, const model::Valuation& valuation, Count& count) {
  CAPTURE(written.name);
  const auto checked = explore::check(written, valuation, lower::instantiate(written, valuation), {});
  const auto named = [&](result::Trace trace, const std::string& property) {
    trace.property = property;
    trace.without.clear();
    for (const auto guard : written.guards.ids())
      if (!valuation.kept[guard.value]) trace.without.push_back(written.guards[guard].name);
    return trace;
  };
  if (checked.model_error) {
    const auto answer = audit::replay_model_error(written, valuation, named(checked.model_error->trace, ""));
    CHECK_MESSAGE(answer.valid, answer.why);
    ++count.errors;
  }
  for (const result::PropertyResult& property : checked.properties) {
    if (property.verdict != result::Verdict::violated || !property.trace) continue;
    CAPTURE(property.name);
    const auto answer = audit::replay(written, valuation, named(*property.trace, property.name));
    CHECK_MESSAGE(answer.valid, answer.why);
    CHECK(answer.caveat == "");
    ++count.violations;
  }
}

TEST_CASE("what the engine finds in random models, the auditor confirms") {
  Count count;
  for (std::uint64_t seed = 0; seed < random_models(); ++seed) {
    const model::Model model = tests::random_model(seed);
    audit_all(model, model::defaults(model), count);
    audit_all(model, tests::random_valuation(model, seed), count);
  }
  CHECK(count.violations >= 500);
  CHECK(count.errors >= 5);
}

TEST_CASE("what the engine finds in tiny models, the auditor confirms") {
  Count count;
  for (std::size_t number = 0; number < tests::tiny_model_count(); ++number) {
    const model::Model model = tests::tiny_model(number);
    audit_all(model, model::defaults(model), count);
  }
  CHECK(count.violations >= 5000);
}

TEST_CASE("what the engine finds in the sample models, guards kept or not, the auditor confirms") {
  Count count;
  for (const model::Model& model : {tests::two_threads_one_lock(), tests::every_feature()})
    for (const bool kept : {true, false}) {
      model::Valuation valuation = model::defaults(model);
      valuation.kept.assign(valuation.kept.size(), kept);
      audit_all(model, valuation, count);
    }
  CHECK(count.violations >= 1);
}

} // namespace replay_confirms_the_engine_test
