// SPDX-License-Identifier: GPL-2.0-or-later
//
// Proofs for every size of a set against the interpreter: on small models that nobody thought of, one set of
// which may have any size, what is proved is true of every size that can be enumerated, those included that
// the prover never saw. Bugs are planted besides: a step that is possible is not proved impossible.

#include <doctest/doctest.h>

#include "tests/any_size.h"
#include "tests/symmetric_models.h"

#include <algorithm>

namespace tdxcheck::tests::prove_any_size_agrees_nightly_test {

constexpr std::uint64_t seeds = 25;
constexpr std::size_t most_bugs = 3;
constexpr double seconds = 1.5;

struct Tally {
  std::size_t proved = 0, held = 0;
};

void compare(const model::Model& model, const std::string& property, Tally& tally) {
  const auto holds = holds_for_small_sizes(model, property, 4);
  const prove::Outcome outcome = prove_for_any_size(model, property, seconds);
  const bool proved = outcome.verdict == result::Verdict::holds;
  CAPTURE(property);
  CHECK(!(proved && holds != true));
  tally.proved += proved ? 1 : 0;
  tally.held += holds == true ? 1 : 0;
}

TEST_CASE("what is proved for any size holds for every size that can be enumerated") {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    model::Model model = symmetric_model(seed);
    leave_size_free(model, {static_cast<std::uint32_t>(seed % model.sets.size())});
    for (const model::Property& property : model.properties)
      if (is_about_states(property.claim) && property.claimed_when.empty())
        compare(model, property.name, tally);
    for (std::size_t step = 0; step < std::min(step_count(model), most_bugs); ++step)
      compare(with_planted_bug(model, step), "planted", tally);
  }
  MESSAGE("proved for any size: ", tally.proved, " of ", tally.held, " that hold where they were enumerated");
  CHECK(tally.proved > 0);
}

} // namespace tdxcheck::tests::prove_any_size_agrees_nightly_test
