// SPDX-License-Identifier: GPL-2.0-or-later
//
// Proofs for every size of a set against the interpreter: on small models that nobody thought of, one set of
// which may have any size, what is proved is true of every size that can be enumerated, those included that
// the prover never saw. Bugs are planted besides: a step that is possible is not proved impossible.

#include <doctest/doctest.h>

#include "semantics/brute_force.h"
#include "tests/any_size.h"
#include "tests/symmetric_models.h"

#include <algorithm>

namespace tdxcheck::tests {
namespace {

constexpr std::uint64_t seeds = 25;
constexpr std::size_t most_states = 20'000, most_bugs = 3;
constexpr double seconds = 1.5;

struct Tally {
  std::size_t proved = 0, held = 0;
};

// Of the sizes that can be enumerated; nothing if one of them is ill-formed.
std::optional<bool> is_true(const model::Model& model, const std::string& property) {
  bool holds = true;
  for (model::Value n = 1; n <= 4; ++n) {
    model::Valuation valuation = model::defaults(model);
    valuation.parameters[size_parameter(model).value] = n;
    const semantics::Interpreter interpreter(model, valuation);
    const auto seen = semantics::explore_plainly(interpreter, most_states);
    if (seen.error) return {};
    for (const auto& judged : seen.properties)
      if (judged.property == property && judged.judged == semantics::Judged::violated) holds = false;
  }
  return holds;
}

void compare(const model::Model& model, const std::string& property, Tally& tally) {
  const auto holds = is_true(model, property);
  const prove::Outcome outcome = prove_for_any_size(model, property, seconds);
  const bool proved = outcome.verdict == result::Verdict::holds;
  CAPTURE(property);
  CHECK(!(proved && holds != true));
  tally.proved += proved ? 1 : 0;
  tally.held += holds == true ? 1 : 0;
}

bool is_about_states(const model::Claim& claim) {
  return std::holds_alternative<model::Always>(claim) || std::holds_alternative<model::Asserted>(claim) ||
         std::holds_alternative<model::LockDiscipline>(claim) ||
         std::holds_alternative<model::Balanced>(claim);
}

} // namespace

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

} // namespace tdxcheck::tests
