// SPDX-License-Identifier: GPL-2.0-or-later

// Without this a claim that its wording makes empty would look like any other, or a claim that says something
// be called empty. Every type-correct state of small models is looked at by the reference semantics.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "dice.h"
#include "generated_expressions.h"
#include "lower/instantiate.h"
#include "prove/vacuous_claims.h"
#include "run/find_vacuous_claims.h"
#include "run_program.h"
#include "schema_check.h"
#include "semantics/evaluate.h"
#include "sketch.h"
#include "support/error.h"

#include <nlohmann/json.hpp>

namespace vacuous_claims_test {

using namespace tdxcheck;
using model::BinaryOp;
using result::VacuousClaim;
using result::Vacuousness;
using result::Verdict;

std::vector<VacuousClaim> found_in(const model::Model& written) {
  const model::Valuation valuation = model::defaults(written);
  const prove::Problem problem{lower::instantiate(written, valuation), valuation, {}};
  std::map<std::string, Verdict> verdicts;
  for (const model::Property& property : problem.model.properties) verdicts[property.name] = Verdict::unknown;
  return run::find_vacuous_claims(problem, verdicts);
}

// Cells and labels in every combination.
std::vector<semantics::State> typed_states(const model::Instance& instance) {
  std::vector<semantics::State> states = {{}};
  const auto lengthen = [&](const auto& put, model::Value low, model::Value high) {
    std::vector<semantics::State> longer;
    for (const semantics::State& state : states)
      for (model::Value value = low; value <= high; ++value) {
        longer.push_back(state);
        put(longer.back(), value);
      }
    states = std::move(longer);
  };
  for (const model::Cell& cell : instance.cells())
    lengthen([](semantics::State& s, model::Value v) { s.cells.push_back(v); }, cell.low, cell.high);
  for (const auto& thread : instance.threads())
    lengthen([](semantics::State& s,
                model::Value v) { s.at.push_back(model::Id<model::Label>{static_cast<std::uint32_t>(v)}); },
             0, static_cast<model::Value>(instance.model().threads[thread.thread].labels.size()) - 1);
  return states;
}

tests::Sketch two_flags_and_a_number() {
  tests::Sketch s;
  (void)s.boolean("x");
  (void)s.boolean("y");
  (void)s.number("n", 0, 3);
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").updates = {
      tests::set(model::Id<model::Variable>{0}, s.read(model::Id<model::Variable>{1}))};
  return s;
}

const VacuousClaim* told_of(const std::vector<VacuousClaim>& found, const std::string& name) {
  const auto claim = std::ranges::find(found, name, &VacuousClaim::property);
  return claim == found.end() ? nullptr : &*claim;
}

// By the definition of each reason.
std::optional<Vacuousness> by_looking(const std::vector<semantics::State>& states,
                                      const model::Instance& instance, const model::Expr& from,
                                      const model::Expr& whole) {
  const auto in_some = [&](const model::Expr& e, bool wanted) {
    return std::ranges::any_of(states, [&](const semantics::State& state) {
      return (semantics::evaluate({instance, &state}, e) != 0) == wanted;
    });
  };
  if (!from.empty() && !in_some(from, true)) return Vacuousness::never_applies;
  if (!in_some(whole, false)) return Vacuousness::cannot_fail;
  return {};
}

TEST_CASE("random claims are called vacuous exactly where every type-correct state says so") {
  tests::Dice dice(31337);
  std::size_t vacuous = 0, implied = 0;
  for (int round = 0; round < 30; ++round) {
    tests::Sketch s = two_flags_and_a_number();
    std::uint32_t next_bound = 100;
    tests::ExpressionMaker maker(dice, {&s.model, {}, {}, false, true, &next_bound});
    std::vector<model::Expr> conditions, antecedents;
    for (int i = 0; i < 4; ++i) {
      const model::Expr from = maker.condition(2), to = maker.condition(2);
      const bool has_antecedent = i % 2 == 0;
      antecedents.push_back(has_antecedent ? from : model::Expr());
      conditions.push_back(has_antecedent ? model::binary(BinaryOp::implies, from, to) : to);
      s.claim("c" + std::to_string(i), model::Always{conditions.back()});
    }
    const auto found = found_in(s.model);
    const model::Valuation valuation = model::defaults(s.model);
    const model::Model instantiated = lower::instantiate(s.model, valuation);
    const model::Instance instance(instantiated, valuation);
    const auto states = typed_states(instance);
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      CAPTURE(round);
      CAPTURE(i);
      // Folding may have rewritten it, but not what it means; an antecedent may have been folded away.
      const auto& claim = std::get<model::Always>(instantiated.properties[i].claim);
      const auto expected = by_looking(states, instance, antecedents[i], claim.condition);
      const VacuousClaim* told = told_of(found, "c" + std::to_string(i));
      CHECK((told != nullptr && told->reason != Vacuousness::is_implied) == expected.has_value());
      vacuous += expected.has_value() ? 1 : 0;
      if (told == nullptr || told->reason != Vacuousness::is_implied) continue;
      ++implied;
      const auto by = std::ranges::find(instantiated.properties, told->by, &model::Property::name);
      REQUIRE(by != instantiated.properties.end());
      const model::Expr implication =
          model::binary(BinaryOp::implies, std::get<model::Always>(by->claim).condition, claim.condition);
      CHECK(by_looking(states, instance, {}, implication) == Vacuousness::cannot_fail);
    }
  }
  CHECK(vacuous > 0);
  CHECK(implied > 0);
}

TEST_CASE("each reason is told, and no claim that says something") {
  tests::Sketch s = two_flags_and_a_number();
  const auto x = s.read(model::Id<model::Variable>{0}), y = s.read(model::Id<model::Variable>{1}),
             n = s.read(model::Id<model::Variable>{2});
  const auto is = [&](model::Value value) {
    return model::binary(BinaryOp::equal, n, model::integer(value));
  };
  const auto both = model::binary(BinaryOp::logical_and, is(1), is(2));
  const auto small = model::binary(BinaryOp::less_equal, n, model::integer(3));
  s.claim("typo", model::Always{model::binary(BinaryOp::implies, both, x)});
  s.claim("answer", model::LeadsTo{both, x});
  s.claim("in_range", model::Always{small});
  s.claim("seen", model::Sometimes{both});
  s.claim("weaker", model::Always{model::binary(BinaryOp::implies, x, y)});
  s.claim("stronger", model::Always{y});
  s.claim("unasserted", model::Asserted{});
  s.claim("asserted", model::Asserted{});
  s.claim("guarded", model::Asserted{});
  s.claim("honest", model::Always{model::binary(BinaryOp::logical_or, x, is(1))});
  const auto t = s.model.threads.ids().front();
  model::Step& step = s.step(t, "a", "b");
  step.guard = is(2);
  step.facts = {model::Assertion{"asserted", x, "x"},
                model::Assertion{"guarded", model::binary(BinaryOp::less, model::integer(1), n), "n > 1"}};
  std::map<std::string, std::string> told;
  for (const VacuousClaim& claim : found_in(s.model)) told[claim.property] = name_of(claim.reason);
  const std::map<std::string, std::string> expected = {
      {"typo", "never_applies"}, {"answer", "never_applies"}, {"in_range", "cannot_fail"},
      {"seen", "cannot_hold"},   {"weaker", "is_implied"},    {"unasserted", "never_made"},
      {"guarded", "cannot_fail"}};
  CHECK(told == expected);
}

TEST_CASE("of two claims that say the same the later one is told, and what is always false implies nothing") {
  tests::Sketch s = two_flags_and_a_number();
  const auto x = s.read(model::Id<model::Variable>{0});
  s.claim("one", model::Always{x});
  s.claim("same", model::Always{model::negation(model::negation(x))});
  s.claim("absurd", model::Always{model::binary(BinaryOp::less, s.read(model::Id<model::Variable>{2}),
                                                model::integer(0))});
  const auto found = found_in(s.model);
  REQUIRE(found.size() == 1);
  CHECK(found[0] == VacuousClaim{"same", Vacuousness::is_implied, "one"});
}

TEST_CASE("a verdict that contradicts what was found is a bug of ours") {
  tests::Sketch s = two_flags_and_a_number();
  s.claim("in_range", model::Always{model::binary(BinaryOp::less_equal, s.read(model::Id<model::Variable>{2}),
                                                  model::integer(3))});
  const model::Valuation valuation = model::defaults(s.model);
  const prove::Problem problem{lower::instantiate(s.model, valuation), valuation, {}};
  CHECK_THROWS_AS((void)run::find_vacuous_claims(problem, {{"in_range", Verdict::violated}}),
                  support::InternalError);
}

TEST_CASE("--vacuity tells it, in words and as JSON") {
  const auto words = tests::run_tdxcheck({"check", "sharex_lock@global", "--vacuity"});
  CHECK(words.out.find("Vacuous by their wording") != std::string::npos);
  CHECK(words.out.find("demote_finds_x: ") != std::string::npos);
  const auto json =
      tests::run_tdxcheck({"check", "sharex_lock@global", "--vacuity", "--quiet", "--json", "-"});
  const auto parsed = nlohmann::json::parse(json.out);
  CHECK(tests::complaints_of_schema("result", parsed) == "");
  CHECK(parsed["vacuity"]["by_wording"].size() == 2);
  const auto proved =
      tests::run_tdxcheck({"prove", "sharex_lock@global", "--property", "demote_finds_x", "--json", "-"});
  const auto proof = nlohmann::json::parse(proved.out);
  CHECK(tests::complaints_of_schema("prove", proof) == "");
  CHECK(proof["vacuous_by_wording"][0]["property"] == "demote_finds_x");
}

} // namespace vacuous_claims_test
