// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the module that we write could be another model than ours, or none that TLA+ allows. It is
// read back by a reader of just the words that are written, enumerated, and compared with semantics/: states,
// transitions, and every claim that has a formula. TLC itself decides where TLA2TOOLS names its jar
// (tlc_agrees_slow_test.cpp).

#include "lower/instantiate.h"
#include "run/export_model.h"
#include "run/target.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/fair_models.h"
#include "tests/generated_models.h"
#include "tests/tla_temporal.h"
#include "tests/verdicts_page.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

namespace tla_agrees_test {

using namespace tdxcheck;

constexpr std::size_t most_states = 20000;

run::Target target_of(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  return {model.name, model, valuation, valuation, {}, {}};
}

struct Read {
  std::string text;
  tests::TlaModule module;
};

Read exported(const model::Model& model) {
  Read read;
  read.text = run::export_as_tla(target_of(model), "Exported").module;
  read.module = tests::read_tla(read.text);
  return read;
}

bool always_true(const tests::TlaMeaning& meaning, const tests::TlaGraph& graph,
                 const std::string& invariant) {
  const tests::Tla& body = meaning.definition(invariant);
  return std::ranges::all_of(graph.states, [&](const auto& state) { return meaning.is_true(body, state); });
}

// Nothing: no formula says the claim. no_deadlock: only whether the run stops.
std::optional<bool> holds_in_tla(const tests::TlaMeaning& meaning, const tests::TlaGraph& graph,
                                 const model::Property& property) {
  const auto defined = [&](const std::string& name) { return meaning.module().definitions.contains(name); };
  if (std::holds_alternative<model::Sometimes>(property.claim))
    return !always_true(meaning, graph, "not_" + property.name);
  if (!defined(property.name)) return {};
  if (std::holds_alternative<model::NoLivelock>(property.claim) ||
      std::holds_alternative<model::NoStarvation>(property.claim) ||
      std::holds_alternative<model::LeadsTo>(property.claim))
    return tests::every_fair_behaviour_satisfies(meaning, graph, meaning.definition(property.name));
  return always_true(meaning, graph, property.name);
}

std::optional<std::string> difference(const model::Model& model) {
  const semantics::Interpreter interpreter(model, model::defaults(model));
  const auto plain = semantics::explore_plainly(interpreter, most_states);
  if (!plain.error && !plain.complete) return {};
  std::optional<Read> read;
  try {
    read = exported(model);
    const tests::TlaMeaning meaning(read->module);
    const auto graph = meaning.explore(most_states);
    if (plain.error) {
      if (always_true(meaning, graph, "TypeOK") &&
          (!read->module.definitions.contains("WellFormed") || always_true(meaning, graph, "WellFormed")))
        return "a model error that TLA+ does not see\n" + read->text;
      return {};
    }
    if (graph.states.size() != plain.states.size() || graph.transitions != plain.transitions)
      return fmt::format("{} states, {} transitions; in TLA+ {}, {}\n{}", plain.states.size(),
                         plain.transitions, graph.states.size(), graph.transitions, read->text);
    if (!always_true(meaning, graph, "TypeOK")) return "TypeOK is violated\n" + read->text;
    for (std::size_t p = 0; p < plain.properties.size(); ++p) {
      const auto& verdict = plain.properties[p];
      const auto property = std::ranges::find(model.properties, verdict.property, &model::Property::name);
      if (verdict.judged == semantics::Judged::not_judged) continue;
      const auto theirs = holds_in_tla(meaning, graph, *property);
      bool ours = verdict.judged == semantics::Judged::holds;
      if (std::holds_alternative<model::NoDeadlock>(property->claim)) ours = !plain.stop_depth;
      if (theirs && *theirs != ours)
        return fmt::format("{} {}; in TLA+ it does not agree\n{}", verdict.property,
                           ours ? "holds" : "is violated", read->text);
    }
    return {};
  } catch (const support::InputError& error) {
    return {}; // refused, before anything was written
  } catch (const tests::TlaError& error) {
    if (plain.error) return {}; // as TLC would stop where a value is missing
    return fmt::format("TLA+ does not understand it: {}\n{}", error.what(), read ? read->text : "");
  }
}

bool nightly() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr; }

TEST_CASE("the module has the states, transitions and invariants of the model") {
  const std::uint64_t seeds = nightly() ? 2000 : 35;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const model::Model model = tests::random_model(seed);
    const auto found = difference(model);
    if (!found) continue;
    const model::Model small =
        tests::shrunk(model, [](const auto& smaller) { return difference(smaller).has_value(); });
    FAIL_CHECK("seed ", seed, "\n", tests::written_out(small), "\n", difference(small).value_or(*found));
  }
}

TEST_CASE("the module has the states, transitions and invariants of every small model") {
  const std::size_t step = nightly() ? 1 : 37;
  for (std::size_t number = 0; number < tests::tiny_model_count(); number += step) {
    const auto found = difference(tests::tiny_model(number));
    CHECK_MESSAGE(!found, "model ", number, "\n", found.value_or(""));
  }
}

TEST_CASE("fair behaviours of the module are the fair runs of the model") {
  const std::uint64_t seeds = nightly() ? 2000 : 150;
  int holds = 0, violated = 0, unsaid = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const model::Model model = tests::fair_model(seed);
    const semantics::Interpreter interpreter(model, model::defaults(model));
    const tests::PlainEndlessRuns plain(interpreter, 10);
    if (plain.too_large()) continue;
    const Read read = exported(model);
    CAPTURE(seed);
    INFO(read.text);
    const tests::TlaMeaning meaning(read.module);
    const auto graph = meaning.explore(most_states);
    CHECK(graph.states.size() == plain.states());
    for (const auto& property : model.properties) {
      const auto ours = plain.judge(property.claim);
      const auto theirs = holds_in_tla(meaning, graph, property);
      if (ours == tests::Plainly::too_large) continue;
      if (!theirs) {
        ++unsaid;
        continue;
      }
      ++(*theirs ? holds : violated);
      INFO(property.name);
      CHECK(*theirs == (ours == tests::Plainly::holds));
    }
  }
  MESSAGE(holds, " hold, ", violated, " are violated, ", unsaid, " have no formula");
  CHECK(holds > 20);
  CHECK(violated > 20);
}

TEST_CASE("the modules of all protocols can be read, and the smallest have the states of their presets") {
  auto page = tests::read_verdicts_page();
  for (const auto& model : run::built_in_models()) {
    const run::Target target = run::resolve({model.name});
    INFO(target.name);
    CHECK(!tests::read_tla(run::export_as_tla(target, "Exported").module).variables.empty());
    for (const auto& [variant, row] : page[model.name].row) {
      if (row.states > 600) continue;
      const auto files = run::export_as_tla(run::resolve({model.name + "@" + variant}), "Exported");
      const auto module = tests::read_tla(files.module);
      const tests::TlaMeaning meaning(module);
      const auto graph = meaning.explore(most_states);
      CHECK(graph.states.size() == row.states);
      CHECK(always_true(meaning, graph, "TypeOK"));
      for (const auto& claim : row.holds)
        if (files.configuration.find("INVARIANT " + claim + "\n") != std::string::npos)
          CHECK_MESSAGE(always_true(meaning, graph, claim), claim);
    }
  }
}

} // namespace tla_agrees_test
