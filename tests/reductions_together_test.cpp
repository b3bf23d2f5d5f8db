// SPDX-License-Identifier: GPL-2.0-or-later
//
// Symmetry and partial order are tested apart; a check uses both at once, with a quotient over a reduced
// system for each worker. Together they must not hide what either shows alone, and runs must still be lifted
// through chains and renamings.
#include "explore/check.h"
#include "lower/instantiate.h"
#include "run/use_symmetry.h"
#include "support/error.h"
#include "tests/symmetric_models.h"
#include "tests/unconfirmed.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace reductions_together_test {

using namespace tdxcheck;

std::uint64_t effort() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 20 : 1; }

result::CheckResult check(const model::Model& written, bool reduced, unsigned workers) {
  const model::Valuation valuation = model::defaults(written);
  const model::Model instantiated = lower::instantiate(written, valuation);
  run::CheckOptions options;
  options.symmetry = reduced;
  options.search.partial_order = reduced;
  options.search.workers = workers;
  options.search.large_level = 2; // so that even few states are shared out
  const run::Searched searched = run::searched_model(instantiated, valuation, options);
  options.search.symmetry = searched.symmetry ? &*searched.symmetry : nullptr;
  return explore::check(written, valuation, instantiated, searched.model, options.search);
}

// Why the two differ; empty if they do not.
std::string difference(const model::Model& written, const result::CheckResult& plain,
                       const result::CheckResult& reduced) {
  if (plain.model_error.has_value() != reduced.model_error.has_value()) return "a model error";
  if (const auto why = tests::unconfirmed(written, model::defaults(written), reduced)) return *why;
  if (reduced.model_error) return {};
  if (reduced.states > plain.states) return "more states";
  for (std::size_t p = 0; p < plain.properties.size(); ++p) {
    const auto &a = plain.properties[p], &b = reduced.properties[p];
    if (a.verdict != b.verdict) return "the verdict on " + a.name;
  }
  return {};
}

struct Tried {
  std::uint64_t models = 0, violated = 0, plain = 0, reduced = 0, both = 0;
};

void compare(const model::Model& written, Tried& tried) {
  try {
    const auto plain = check(written, false, 1);
    for (const unsigned workers : {1U, 2U}) {
      CAPTURE(workers);
      const auto reduced = check(written, true, workers);
      CHECK(difference(written, plain, reduced) == "");
      tried.reduced += reduced.states;
      tried.plain += plain.states;
      tried.both += reduced.engine.symmetry && reduced.engine.partial_order ? 1 : 0;
    }
    ++tried.models;
    tried.violated += plain.verdict == result::Verdict::violated ? 1 : 0;
  } catch (const support::InputError&) {
    // An ill-formed mutant.
  }
}

TEST_CASE("both reductions at once, with one worker and two, keep verdicts, and runs replay") {
  Tried tried;
  for (std::uint64_t seed = 1; seed <= 120 * effort(); ++seed) {
    CAPTURE(seed);
    compare(tests::symmetric_model(seed), tried);
  }
  MESSAGE(tried.models << " models, " << tried.violated << " violated, both reductions in " << tried.both
                       << " runs, " << tried.plain << " states, " << tried.reduced << " reduced");
  CHECK(tried.both > tried.models / 4);
  CHECK(tried.reduced < tried.plain);
}

TEST_CASE("together they hide no bug, whatever step it is planted in") {
  Tried tried;
  for (std::uint64_t seed = 1; seed <= 12 * effort(); ++seed) {
    CAPTURE(seed);
    const model::Model written = tests::symmetric_model(seed);
    for (std::size_t step = 0; step < tests::step_count(written); ++step)
      compare(tests::with_planted_bug(written, step), tried);
  }
  MESSAGE(tried.models << " planted, " << tried.violated << " violated");
  CHECK(tried.violated > tried.models / 4);
}

} // namespace reductions_together_test
