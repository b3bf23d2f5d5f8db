// SPDX-License-Identifier: GPL-2.0-or-later
//
// The prover against the interpreter: on small models that nobody thought of, the encoding has the same
// initial states and successors (bounded search to the depth of exploration sees the same violations after
// the same number of steps), and what is proved is not violated.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "lower/instantiate.h"
#include "prove/bounded_search.h"
#include "prove/count_rounds.h"
#include "prove/prove.h"
#include "semantics/brute_force.h"
#include "tests/generated_models.h"

namespace tdxcheck::tests::prove_agrees_with_semantics_test {

constexpr std::uint64_t most_seeds = 60, most_tiny = 60;
constexpr std::size_t most_states = 300;
constexpr std::size_t longest_search = 12;

prove::Problem problem_of(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  return {prove::count_rounds(lower::instantiate(model, valuation)), valuation, {}, {}};
}

bool is_judged(const model::Claim& claim) {
  return std::holds_alternative<model::Always>(claim) || std::holds_alternative<model::Asserted>(claim) ||
         std::holds_alternative<model::LockDiscipline>(claim) ||
         std::holds_alternative<model::Balanced>(claim) || std::holds_alternative<model::Sometimes>(claim);
}

// The verdict and the number of steps after which it shows, in words that can be compared.
std::string shown(bool found, std::size_t steps) {
  return found ? "after " + std::to_string(steps) : "never";
}

void compare(const model::Model& model, const prove::Style& style) {
  const model::Valuation valuation = model::defaults(model);
  const semantics::Interpreter interpreter(model, valuation);
  const semantics::PlainExploration plain = semantics::explore_plainly(interpreter, most_states);
  if (!plain.error && (!plain.complete || plain.depth > longest_search)) return;
  if (plain.error && plain.error->run.actions.size() > longest_search) return;
  const prove::Problem problem = problem_of(model);
  prove::BoundedOptions options;
  options.depth = static_cast<unsigned>(plain.error ? plain.error->run.actions.size() : plain.depth + 1);
  options.style = style;
  const prove::BoundedResult found = prove::search_bounded(problem, {}, options);
  CHECK(!found.gave_up);
  REQUIRE(found.model_error.has_value() == plain.error.has_value());
  if (plain.error) {
    CHECK(found.model_error->moves.size() == plain.error->run.actions.size());
    return;
  }
  for (const semantics::PlainVerdict& judged : plain.properties) {
    const auto property = std::ranges::find(model.properties, judged.property, &model::Property::name);
    if (!is_judged(property->claim)) continue;
    const bool wanted = std::holds_alternative<model::Sometimes>(property->claim);
    const auto violation = std::ranges::find(found.violations, judged.property, &prove::Found::property);
    const bool is_found = violation != found.violations.end();
    CAPTURE(judged.property);
    if (wanted) CHECK(is_found == (judged.judged == semantics::Judged::holds));
    else
      CHECK(shown(is_found, is_found ? violation->run.moves.size() : 0) ==
            shown(judged.judged == semantics::Judged::violated, judged.depth()));
  }
}

prove::SeenStates seen_states(const prove::Problem& problem) {
  prove::SeenStates seen;
  const semantics::Interpreter interpreter(problem.model, problem.valuation);
  for (const semantics::State& state : semantics::explore_plainly(interpreter, most_states).states)
    seen.add({problem.valuation.parameters, {state.cells, state.at}});
  return seen;
}

TEST_CASE("bounded search sees what the interpreter sees, after as many steps") {
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
    CAPTURE(seed);
    compare(random_model(seed), {prove::Finite::bits, prove::Numbers::bits});
  }
}

TEST_CASE("every choice of sorts says the same") {
  for (const prove::Style& style : {prove::Style{prove::Finite::datatype, prove::Numbers::bits},
                                    prove::Style{prove::Finite::datatype, prove::Numbers::integer},
                                    prove::Style{prove::Finite::integer, prove::Numbers::integer}})
    for (std::uint64_t seed = 1; seed <= most_seeds / 6; ++seed) {
      CAPTURE(seed);
      compare(random_model(seed), style);
    }
}

TEST_CASE("what holds of small models is proved, and nothing else") {
  std::size_t safe = 0, proved = 0;
  for (std::size_t n = 0; n < most_tiny; ++n) {
    const std::size_t number = n * tiny_model_count() / most_tiny;
    CAPTURE(number);
    const model::Model model = tiny_model(number);
    const model::Valuation valuation = model::defaults(model);
    const semantics::Interpreter interpreter(model, valuation);
    const semantics::PlainExploration plain = semantics::explore_plainly(interpreter, most_states);
    if (plain.error || !plain.complete) continue;
    const prove::Problem problem = problem_of(model);
    prove::Groundwork groundwork(problem, [&] { return seen_states(problem); });
    for (const semantics::PlainVerdict& judged : plain.properties) {
      const auto property = std::ranges::find(model.properties, judged.property, &model::Property::name);
      if (!is_judged(property->claim) || std::holds_alternative<model::Sometimes>(property->claim)) continue;
      prove::ProveOptions options;
      options.seconds = 20;
      const prove::Outcome outcome = prove::prove(groundwork, judged.property, options);
      CAPTURE(judged.property);
      const bool holds = judged.judged == semantics::Judged::holds;
      CHECK(!(outcome.verdict == result::Verdict::holds && !holds));
      CHECK(!(outcome.verdict == result::Verdict::violated && holds));
      safe += holds ? 1 : 0;
      proved += outcome.verdict == result::Verdict::holds ? 1 : 0;
    }
  }
  MESSAGE("proved ", proved, " of ", safe, " claims that hold");
  CHECK(10 * proved >= 8 * safe);
}

} // namespace tdxcheck::tests::prove_agrees_with_semantics_test
