// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the exporter could write a model that is not ours: a guard without its named conjunct, a cell
// that is forgotten among those that stay, an index that reads its neighbour. Z3's command line is asked
// about the states of random models, and of arbitrary typed states beside the reachable ones: which are
// initial, which step leads where and nowhere else, which steps are model errors, which claims are true; and
// the plain search says what has to come out.

#include "emit/smt2.h"
#include "emit/smt2_claims.h"
#include "emit/smt2_terms.h"
#include "lower/instantiate.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/dice.h"
#include "tests/generated_models.h"
#include "tests/z3_program.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace smt2_agrees_test {

using namespace tdxcheck;
using namespace emit::smt2;

struct Asked {
  const semantics::Interpreter& interpreter;
  System& system;
  std::vector<semantics::State> states;

  [[nodiscard]] std::string name(std::size_t state) const { return fmt::format("x{}", state); }

  [[nodiscard]] std::string is(const semantics::State& state, const std::string& name) const {
    std::vector<std::string> parts;
    const auto& instance = system.instance();
    for (std::size_t t = 0; t < state.at.size(); ++t)
      parts.push_back(equals(system.expressions().at(t, name),
                             system.expressions().label(instance.threads()[t].thread, state.at[t])));
    for (std::size_t c = 0; c < state.cells.size(); ++c) {
      unsigned width = 1;
      while ((instance.cells()[c].high >> width) != 0) ++width;
      parts.push_back(equals(system.expressions().cell(c, name),
                             system.expressions().literal(instance.sort(c), state.cells[c], width)));
    }
    return all_of(parts);
  }

  // What would be wrong with what the file says of a state.
  [[nodiscard]] std::vector<std::string> mistakes(std::size_t number, bool is_initial,
                                                  const Claims& claims) const {
    const semantics::State& state = states[number];
    const std::string x = name(number);
    std::vector<std::string> wrong;
    const auto expect = [&](const std::string& term, bool value) {
      wrong.push_back(value ? negated(term) : term);
    };
    expect(call("in_range", {x}), true);
    expect(call("init", {x}), is_initial);
    std::vector<std::string> known;
    bool error = false;
    std::vector<std::string> failed;
    for (const semantics::Action& action : interpreter.actions(state)) {
      error = error || action.model_error;
      if (action.model_error) continue;
      for (const auto& assertion : action.failed) failed.push_back(assertion.property);
      known.push_back(is(action.next, "y"));
    }
    expect(call("model_error", {x}), error);
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    wrong.push_back(both(call("trans", {x, "y"}), negated(any_of(known))));
    for (std::size_t i = 0; i < known.size(); ++i) { // each of them is a successor
      const std::string y = fmt::format("{}y{}", x, i);
      wrong.push_back(negated(call("trans", {x, y})));
    }
    for (const auto& property : interpreter.instance().model().properties) {
      const auto said = std::ranges::find(claims.said, property.name, &SaidClaim::name);
      if (said == claims.said.end()) continue;
      if (const auto* always = std::get_if<model::Always>(&property.claim))
        expect(call(said->symbol, {x}), interpreter.evaluate(state, always->condition) != 0);
      if (const auto* sometimes = std::get_if<model::Sometimes>(&property.claim))
        expect(call(said->symbol, {x}), interpreter.evaluate(state, sometimes->condition) != 0);
      if (std::holds_alternative<model::Asserted>(property.claim))
        expect(call(said->symbol, {x}), std::ranges::find(failed, property.name) == failed.end());
    }
    return wrong;
  }

  [[nodiscard]] std::string declared(std::size_t number) const {
    std::string text = fmt::format("(declare-const {0} State)\n(assert {1})\n", name(number),
                                   is(states[number], name(number)));
    std::vector<std::string> known;
    for (const semantics::Action& action : interpreter.actions(states[number]))
      if (!action.model_error) known.push_back(is(action.next, "y"));
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (std::size_t i = 0; i < known.size(); ++i) {
      const std::string y = fmt::format("{}y{}", name(number), i);
      std::string here = known[i];
      for (std::size_t at = 0; (at = here.find(" y)", at)) != std::string::npos;)
        here.replace(at, 3, " " + y + ")");
      text += fmt::format("(declare-const {} State)\n(assert {})\n", y, here);
    }
    return text;
  }
};

bool is_initial(const semantics::Interpreter& interpreter, const semantics::State& state) {
  const auto all = interpreter.initial();
  return std::ranges::find(all, state) != all.end();
}

// Any values of the declared types, at labels that steps touch.
semantics::State any_state(tests::Dice& dice, const System& system) {
  const auto& instance = system.instance();
  semantics::State state;
  for (const auto& cell : instance.cells())
    state.cells.push_back(
        cell.low + static_cast<model::Value>(dice.below(static_cast<std::size_t>(cell.high - cell.low + 1))));
  for (const auto& thread : instance.threads()) {
    std::vector<model::Id<model::Label>> labels;
    for (const auto label : instance.model().threads[thread.thread].labels.ids())
      if (system.expressions().is_reached(thread.thread, label)) labels.push_back(label);
    state.at.push_back(dice.pick(labels));
  }
  return state;
}

// A claim that the plain search judges by states: violated where, in terms of states that it saw.
void compare_verdicts(const Asked& asked, const semantics::PlainExploration& seen, const Claims& claims,
                      std::string& text, std::vector<std::string>& expected) {
  for (const auto& verdict : seen.properties) {
    const auto said = std::ranges::find(claims.said, verdict.property, &SaidClaim::name);
    if (said == claims.said.end() || verdict.judged == semantics::Judged::not_judged) continue;
    if (!said->left_out.empty()) continue;
    std::vector<std::string> somewhere;
    text += "(push 1)\n";
    for (std::size_t s = 0; s < seen.states.size(); ++s) {
      text += fmt::format("(declare-const {0} State)\n(assert {1})\n", asked.name(s),
                          asked.is(seen.states[s], asked.name(s)));
      const std::string holds = call(said->symbol, {asked.name(s)});
      somewhere.push_back(said->is_sought ? holds : negated(holds));
    }
    const bool violated = verdict.judged == semantics::Judged::violated;
    text += fmt::format("(assert {})\n(check-sat)\n(pop 1)\n", any_of(somewhere));
    expected.push_back(violated != said->is_sought ? "sat" : "unsat");
  }
}

// The first difference, and the file that shows it.
void compare(const model::Model& instantiated, const model::Valuation& valuation, std::uint64_t seed) {
  System system(instantiated, valuation, {});
  const Claims claims = claims_of(system);
  const semantics::Interpreter interpreter(instantiated, valuation);
  const auto seen = semantics::explore_plainly(interpreter, 200);
  Asked asked{interpreter, system, seen.states};
  tests::Dice dice(seed);
  for (int i = 0; i < 10; ++i) asked.states.push_back(any_state(dice, system));
  std::string text = "(declare-const y State)\n";
  std::vector<std::string> expected;
  const auto ask = [&](const std::string& more, const std::string& condition, const char* answer) {
    text += fmt::format("(push 1)\n{}(assert {})\n(check-sat)\n(pop 1)\n", more, condition);
    expected.emplace_back(answer);
  };
  for (std::size_t s = 0; s < asked.states.size(); ++s) {
    const bool is_start = is_initial(interpreter, asked.states[s]);
    ask(asked.declared(s), any_of(asked.mistakes(s, is_start, claims)), "unsat");
  }
  // No other initial state.
  std::vector<std::string> starts{call("init", {"y"}), call("in_range", {"y"})};
  for (const auto& start : interpreter.initial()) starts.push_back(negated(asked.is(start, "y")));
  ask("", all_of(starts), "unsat");
  ask("", yes, "sat");
  if (seen.complete) compare_verdicts(asked, seen, claims, text, expected);
  std::string definitions;
  for (const auto& claim : claims.said) definitions += claim.definition;
  const std::string file = "(set-logic ALL)\n" + system.text(definitions + text);
  const auto answers = tests::answers_of_z3(file);
  if (answers != expected) {
    INFO(file);
    CHECK(answers == expected);
  }
}

TEST_CASE("Z3 sees the states, steps, errors and claims of random models as the reference does") {
  REQUIRE(tests::z3_is_installed());
  const std::size_t wanted = std::getenv("TDXCHECK_NIGHTLY") != nullptr ? 400 : 12;
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; compared < wanted; ++seed) {
    const model::Model written = tests::random_model(seed);
    const model::Valuation valuation = model::defaults(written);
    CAPTURE(seed);
    model::Model instantiated;
    try {
      instantiated = lower::instantiate(written, valuation);
    } catch (const support::InputError&) {
      continue;
    }
    const semantics::Interpreter interpreter(instantiated, valuation);
    if (semantics::explore_plainly(interpreter, 60).states.size() >= 60) continue;
    compare(instantiated, valuation, seed);
    ++compared;
  }
}

TEST_CASE("a bug is found at the depth at which the plain search finds it, and not before") {
  REQUIRE(tests::z3_is_installed());
  std::size_t compared = 0;
  for (std::size_t number = 7; compared < 6; number += 1013) {
    const model::Model model = tests::tiny_model(number % tests::tiny_model_count());
    const auto valuation = model::defaults(model);
    const auto seen = semantics::explore_plainly(semantics::Interpreter(model, valuation), 1000);
    constexpr unsigned depth = 4;
    const auto answers = tests::answers_of_z3(emit::smt_lib(model, valuation, {}, model.name, depth));
    CAPTURE(number);
    for (const auto& verdict : seen.properties) {
      if (verdict.property != "not_both" && verdict.property != "not_all_at_b") continue;
      std::size_t first = depth + 1;
      for (std::size_t d = depth + 1; d-- > 0;) {
        const auto question =
            std::ranges::find(answers, fmt::format("depth {}: is {} violated?", d, verdict.property));
        REQUIRE(question != answers.end());
        if (*std::next(question) == "sat") first = d;
        else CHECK(*std::next(question) == "unsat");
      }
      const bool violated = verdict.judged == semantics::Judged::violated;
      CHECK(first == (violated && verdict.depth() <= depth ? verdict.depth() : depth + 1));
    }
    ++compared;
  }
}

} // namespace smt2_agrees_test
