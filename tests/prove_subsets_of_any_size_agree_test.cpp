// SPDX-License-Identifier: GPL-2.0-or-later
//
// Proofs for every size of a set of which variables hold subsets, against the interpreter: on small models
// that nobody thought of, what is proved is true of the sizes that can be enumerated, a step that is possible
// is not proved impossible, and the second encoding confirms what the first one proves.

#include <doctest/doctest.h>

#include "tests/any_size.h"
#include "tests/subsets_of_any_size.h"
#include "tests/symmetric_models.h"

#include <algorithm>
#include <cstdlib>

#include "emit/smt2_certificate.h"
#include "prove/decide_smt2.h"

namespace tdxcheck::tests::prove_subsets_of_any_size_agree_test {

// Z3 4.8 reads the certificate of the next one for minutes (prove/ANY_SIZE.md).
constexpr std::uint64_t models = 3;
constexpr std::size_t most_bugs = 1;
constexpr double seconds = 0.4;
constexpr model::Value largest = 2, largest_at_night = 4;

bool at_night() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr; }

struct Tally {
  std::size_t proved = 0, held = 0;
};

void check_certificate(const result::Proof& proof) {
  const emit::Certificate certificate = emit::certificate(proof, "a model");
  const prove::Decisions decided = prove::decide_smt2(certificate.body, 20);
  CHECK(decided.complaint == "");
  CHECK(decided.answers.size() == certificate.question.size());
  CHECK(std::ranges::count(decided.answers, prove::Satisfiable::yes) == 0);
}

void compare(const model::Model& model, const std::string& property, Tally& tally) {
  CAPTURE(property);
  const auto holds = holds_for_small_sizes(model, property, at_night() ? largest_at_night : largest);
  const prove::Outcome outcome = prove_for_any_size(model, property, seconds);
  const bool proved = outcome.verdict == result::Verdict::holds;
  CHECK(!(proved && holds != true));
  if (outcome.proof) check_certificate(*outcome.proof);
  tally.proved += proved ? 1 : 0;
  tally.held += holds == true ? 1 : 0;
}

TEST_CASE("what is proved of subsets of a set of any size holds for every size that can be enumerated") {
  Tally tally;
  std::uint64_t found = 0;
  for (std::uint64_t seed = 1; found < models; ++seed) {
    const auto model = model_with_subsets(seed);
    if (!model) continue;
    ++found;
    CAPTURE(seed);
    for (const model::Property& property : model->properties)
      if (is_about_states(property.claim) && property.claimed_when.empty())
        compare(*model, property.name, tally);
    for (std::size_t step = 0; step < std::min(step_count(*model), most_bugs); ++step)
      compare(with_planted_bug(*model, step), "planted", tally);
  }
  MESSAGE("proved for any size: ", tally.proved, " of ", tally.held, " that hold where they were enumerated");
  CHECK(tally.proved > 0);
}

} // namespace tdxcheck::tests::prove_subsets_of_any_size_agree_test
