// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a silent step composed in the wrong order, a guard folded the wrong way or a variable dropped
// that mattered would change the model before any engine sees it, and all engines would agree.
#include "lower/fold.h"
#include "lower/instantiate.h"
#include "model/validate.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/generated_expressions.h"
#include "tests/generated_models.h"
#include "tests/inputs.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace instantiate_keeps_the_meaning_test {

using namespace tdxcheck;

constexpr std::size_t most_states = 20000;

bool has_error_steps(const model::Model& model) {
  for (const auto& thread : model.threads)
    for (const auto& step : thread.steps)
      if (!step.error.empty()) return true;
  return false;
}

// A state in names that both models have: cells that were not dropped, and labels by name.
std::string in_names(const model::Instance& instance, const semantics::State& state,
                     const std::set<std::string>& cells) {
  std::string text;
  for (std::size_t c = 0; c < instance.cells().size(); ++c) {
    const std::string& name = instance.cells()[c].name;
    if (cells.contains(name)) text += name + "=" + std::to_string(state.cells[c]) + " ";
  }
  for (std::size_t t = 0; t < state.at.size(); ++t) {
    const auto& thread = instance.model().threads[instance.threads()[t].thread];
    text += thread.labels[state.at[t]].name + " ";
  }
  return text;
}

std::multiset<std::string> edges_in_names(const semantics::PlainExploration& seen,
                                          const model::Instance& instance,
                                          const std::set<std::string>& cells) {
  std::multiset<std::string> edges;
  for (const auto& edge : seen.edges) {
    edges.insert(std::to_string(edge.thread) + ": " + in_names(instance, seen.states[edge.from], cells) +
                 "-> " + in_names(instance, seen.states[edge.to], cells));
  }
  return edges;
}

void expect_same_transitions(const model::Model& written, const model::Valuation& valuation) {
  const model::Model instantiated = lower::instantiate(written, valuation);
  // Those lead nowhere, which the reference does not know of; the engine is compared with it elsewhere.
  if (has_error_steps(instantiated)) return;
  const semantics::Interpreter before(written, valuation), after(instantiated, valuation);
  const auto seen_before = semantics::explore_plainly(before, most_states);
  const auto seen_after = semantics::explore_plainly(after, most_states);
  CAPTURE(written.name);
  REQUIRE(seen_before.error.has_value() == seen_after.error.has_value());
  if (seen_before.error) return;
  std::set<std::string> cells;
  for (const model::Cell& cell : after.instance().cells()) cells.insert(cell.name);
  CHECK(seen_before.states.size() == seen_after.states.size());
  CHECK(seen_before.transitions == seen_after.transitions);
  CHECK(edges_in_names(seen_before, before.instance(), cells) ==
        edges_in_names(seen_after, after.instance(), cells));
  for (std::size_t p = 0; p < seen_before.properties.size(); ++p) {
    CHECK(seen_before.properties[p].property == seen_after.properties.at(p).property);
    CHECK(seen_before.properties[p].judged == seen_after.properties.at(p).judged);
    CHECK(seen_before.properties[p].depth() == seen_after.properties.at(p).depth());
  }
}

bool mentions_parameters(const model::Expr& e) {
  if (e.empty()) return false;
  if (std::holds_alternative<model::ParameterRef>(e.node().kind) ||
      std::holds_alternative<model::Kept>(e.node().kind))
    return true;
  const auto inside = lower::operands(e);
  return std::any_of(inside.begin(), inside.end(), mentions_parameters);
}

TEST_CASE("instantiation keeps states, transitions and verdicts of random models") {
  for (std::uint64_t seed = 1; seed <= tests::inputs(300); ++seed) {
    const model::Model written = tests::random_model(seed);
    expect_same_transitions(written, model::defaults(written));
    expect_same_transitions(written, tests::random_valuation(written, seed));
  }
}

TEST_CASE("instantiation keeps the models written out by hand") {
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()}) {
    expect_same_transitions(written, model::defaults(written));
    model::Valuation without = model::defaults(written);
    without.kept.assign(without.kept.size(), false);
    expect_same_transitions(written, without);
  }
}

TEST_CASE("what is instantiated validates, is silent nowhere and mentions no parameter") {
  for (std::uint64_t seed = 1; seed <= tests::inputs(200); ++seed) {
    const model::Model written = tests::random_model(seed);
    const model::Model instantiated = lower::instantiate(written, model::defaults(written));
    INFO(tests::written_out(instantiated));
    std::vector<model::Problem> problems = model::validate(instantiated);
    // A region all of whose labels were dropped stays in its table, so that others keep their positions.
    std::erase_if(problems,
                  [](const model::Problem& problem) { return problem.text.ends_with("has no labels"); });
    CHECK(model::describe(problems) == "");
    for (const auto& thread : instantiated.threads) {
      for (const auto& step : thread.steps) {
        CHECK(!step.silent);
        CHECK(!mentions_parameters(step.guard));
        for (const auto& update : step.updates) CHECK(!mentions_parameters(update.value));
      }
    }
  }
}

TEST_CASE("folding an expression keeps its value in every reachable state") {
  for (std::uint64_t seed = 1; seed <= tests::inputs(100); ++seed) {
    const model::Model written = tests::random_model(seed);
    const model::Valuation valuation = model::defaults(written);
    const semantics::Interpreter interpreter(written, valuation);
    const auto seen = semantics::explore_plainly(interpreter, 300);
    tests::Dice dice(seed);
    std::uint32_t next_bound = 1000;
    tests::Surroundings here;
    here.model = &written;
    here.next_bound = &next_bound;
    tests::ExpressionMaker maker(dice, here);
    for (int i = 0; i < 20; ++i) {
      const model::Expr condition = maker.condition(3);
      const model::Expr folded = lower::fold(written, valuation, condition);
      for (const auto& state : seen.states)
        REQUIRE(interpreter.evaluate(state, condition) == interpreter.evaluate(state, folded));
    }
  }
}

} // namespace instantiate_keeps_the_meaning_test
