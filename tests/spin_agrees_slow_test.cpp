// SPDX-License-Identifier: GPL-2.0-or-later

// Without this the exporter could write a model that is not ours, and the engine could be wrong together with
// the reference that it is compared with: SPIN shares nothing with either. Equal states, equal transitions,
// equal verdicts on assertions, on stopping and, where SPIN's fairness is ours, on livelock. One preset of
// every protocol and some random models each day; all presets and more models nightly (TDXCHECK_NIGHTLY=1).

#include "emit/promela.h"
#include "lower/instantiate.h"
#include "report/render_table.h"
#include "run/export_model.h"
#include "run/run_check.h"
#include "run/target.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/fair_models.h"
#include "tests/generated_models.h"
#include "tests/spin.h"
#include "tests/verdicts_page.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <tuple>

namespace spin_agrees_slow_test {

using namespace tdxcheck;

bool nightly() { return std::getenv("TDXCHECK_NIGHTLY") != nullptr; }

run::Target target_of(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  return {model.name, model, valuation, valuation, {}, {}};
}

result::CheckResult checked(const run::Target& target) {
  run::CheckOptions options;
  options.as_written = true;
  return run::run_check(target, {target.name}, options);
}

const result::PropertyResult* violated(const result::CheckResult& result, const std::string& template_name) {
  const auto found = std::ranges::find_if(result.properties, [&](const auto& property) {
    return property.template_name == template_name && property.verdict == result::Verdict::violated;
  });
  return found == result.properties.end() ? nullptr : &*found;
}

bool claims_no_deadlock(const model::Model& model) {
  return std::ranges::any_of(model.properties, [](const auto& property) {
    return std::holds_alternative<model::NoDeadlock>(property.claim);
  });
}

// SPIN knows only the stop: a thread that is stuck while others move is ours alone, and comes first.
std::string differing_stops(const result::CheckResult& ours, const tests::SpinResult& spin) {
  const auto* deadlock = violated(ours, "no_deadlock");
  if (deadlock == nullptr && spin.invalid_end_state) return "only SPIN finds a deadlock\n";
  if (deadlock != nullptr && deadlock->detail.find("nothing can happen") != std::string::npos &&
      !spin.invalid_end_state)
    return "only we find a stop\n";
  return {};
}

std::string difference(const run::Target& target, const result::CheckResult& ours,
                       const tests::SpinResult& spin) {
  if (!spin.problem.empty()) return spin.problem + "\n";
  if (ours.model_error) // SPIN stores the state beyond; that it objects is all there is to compare
    return spin.assertion_violated ? "" : "only we see a range left\n";
  std::string text;
  if (spin.states != ours.states)
    text += fmt::format("{} states, and {} by SPIN\n", ours.states, spin.states);
  if (spin.transitions != ours.transitions)
    text += fmt::format("{} transitions, and {} by SPIN\n", ours.transitions, spin.transitions);
  const bool fails = violated(ours, "assertion") != nullptr;
  if (spin.assertion_violated != fails)
    text += fmt::format("only {} an assertion fail\n", fails ? "we see" : "SPIN sees");
  if (claims_no_deadlock(target.model)) text += differing_stops(ours, spin);
  return text;
}

// What each of the two can show for its opinion.
std::string both_traces(const run::Target& target, const std::string& promela) {
  std::string text = "ours:\n";
  const auto ours = checked(target);
  for (const auto& property : ours.properties)
    if (property.trace) text += property.name + "\n" + report::render_table(*property.trace, 110) + "\n";
  if (ours.model_error) text += report::render_table(ours.model_error->trace, 110) + "\n";
  return text + "SPIN's:\n" + tests::spin_trail(promela) + "\nthe exported model:\n" + promela;
}

// Nothing where they agree, or where Promela cannot say the model.
std::optional<std::string> disagreement_with_spin(const model::Model& model) {
  const run::Target target = target_of(model);
  try {
    const std::string promela = run::export_as_promela(target);
    const std::string found = difference(target, checked(target), tests::run_spin(promela));
    if (found.empty()) return {};
    return found + both_traces(target, promela);
  } catch (const support::InputError&) {
    return {};
  }
}

// The steps that the runs of the model take, by the ways to choose: what SPIN calls a transition.
std::size_t ways_taken(const run::Target& target) {
  const model::Model instance = run::instantiated(target);
  const semantics::Interpreter interpreter(instance, target.valuation);
  const auto seen = semantics::explore_plainly(interpreter, 30000);
  std::set<std::tuple<std::uint32_t, std::size_t, std::vector<model::Value>>> ways;
  for (const auto& state : seen.states)
    for (const auto& action : interpreter.actions(state))
      ways.insert(
          {interpreter.instance().threads()[action.thread].thread.value, action.step, action.choices});
  return ways.size();
}

// Weak fairness of every step: what SPIN's fairness of processes means. And only the claim that needs it.
model::Model with_weak_fairness(model::Model model) {
  for (auto& thread : model.threads)
    for (auto& step : thread.steps) step.fairness = model::Fairness::weak;
  std::erase_if(model.properties, [](const auto& property) {
    return !std::holds_alternative<model::NoLivelock>(property.claim);
  });
  return model;
}

enum class Livelock { agree_none, agree_found, differ, not_decided };

Livelock compare_livelock(const run::Target& target) {
  const auto ours = checked(target);
  if (ours.model_error) return Livelock::not_decided;
  const bool we = violated(ours, "no_livelock") != nullptr;
  switch (tests::spin_livelock(run::export_as_promela(target, emit::PromelaState::with_last_move))) {
  case tests::SpinLivelock::none: return we ? Livelock::differ : Livelock::agree_none;
  case tests::SpinLivelock::found: return we ? Livelock::agree_found : Livelock::differ;
  case tests::SpinLivelock::not_decided: break;
  }
  return Livelock::not_decided;
}

TEST_CASE("SPIN reaches as many states of the protocols, and sees the same assertions fail") {
  REQUIRE(tests::spin_is_installed());
  auto page = tests::read_verdicts_page();
  for (const auto& model : run::built_in_models()) {
    auto& section = page[model.name];
    std::vector<std::string> variants = section.variants;
    std::ranges::stable_sort(variants, {}, [&](const auto& name) { return section.row[name].states; });
    if (!nightly()) variants.resize(1); // the smallest
    for (const auto& variant : variants) {
      const run::Target target = run::resolve({model.name + "@" + variant});
      INFO(target.name);
      const auto spin = tests::run_spin(run::export_as_promela(target));
      CHECK(difference(target, checked(target), spin) == "");
      CHECK(spin.warnings == "");
      CHECK(spin.states == section.row[variant].spin_states); // as the page says
      if (spin.states <= 2000) CHECK(spin.options_taken == ways_taken(target));
    }
  }
}

TEST_CASE("SPIN takes every transition of a preset in which nothing is vacuous") {
  REQUIRE(tests::spin_is_installed());
  for (const char* name : {"sharex_hp_lock@servtd_bindings", "sharex_hp_lock@tdr_of_target"}) {
    const run::Target target = run::resolve({name});
    INFO(name);
    const auto vacuity = checked(target).vacuity;
    CHECK(vacuity.unreached_steps.empty());
    CHECK(vacuity.unreached_labels.empty());
    const auto spin = tests::run_spin(run::export_as_promela(target));
    CHECK(spin.options > 10);
    CHECK(spin.options_taken == spin.options);
  }
}

TEST_CASE("SPIN reaches as many states of random models, and gives the same verdicts") {
  REQUIRE(tests::spin_is_installed());
  const int wanted = nightly() ? 400 : 40;
  int compared = 0, left_a_range = 0, refused = 0;
  for (std::uint64_t seed = 1; compared < wanted; ++seed) {
    const model::Model written = tests::random_model(seed);
    const run::Target target = target_of(written);
    std::string promela;
    try {
      promela = run::export_as_promela(target);
    } catch (const support::InputError&) {
      ++refused;
      continue;
    }
    const auto ours = checked(target);
    const auto found = difference(target, ours, tests::run_spin(promela));
    ++(ours.model_error ? left_a_range : compared);
    if (found.empty()) continue;
    const auto small = tests::shrunk(
        written, [](const auto& smaller) { return disagreement_with_spin(smaller).has_value(); });
    FAIL_CHECK("seed ", seed, ": ", found, tests::written_out(small), "\n",
               disagreement_with_spin(small).value_or("what was left out mattered"));
  }
  MESSAGE(compared, " models compared, ", left_a_range, " that leave a range, ", refused,
          " that Promela cannot say");
}

TEST_CASE("SPIN finds the same livelocks where every step is weakly fair") {
  REQUIRE(tests::spin_is_installed());
  const int wanted = nightly() ? 400 : 40;
  int none = 0, found = 0;
  for (std::uint64_t seed = 1; none + found < wanted; ++seed) {
    const model::Model model = with_weak_fairness(tests::fair_model(seed));
    const Livelock compared = compare_livelock(target_of(model));
    none += compared == Livelock::agree_none ? 1 : 0;
    found += compared == Livelock::agree_found ? 1 : 0;
    if (compared != Livelock::differ) continue;
    const auto small = tests::shrunk(
        model, [](const auto& smaller) { return compare_livelock(target_of(smaller)) == Livelock::differ; });
    FAIL_CHECK("seed ", seed, "\n", tests::written_out(small), "\n",
               both_traces(target_of(small),
                           run::export_as_promela(target_of(small), emit::PromelaState::with_last_move)));
  }
  MESSAGE(none, " models without a livelock, ", found, " with one");
  CHECK(none > 5);
  CHECK(found > 5);
}

// No protocol is only weakly fair as it is written.
TEST_CASE("SPIN finds the same livelocks of the protocols with weak fairness of every step") {
  REQUIRE(tests::spin_is_installed());
  const std::uint64_t most = nightly() ? 200'000 : 1'000;
  int compared = 0;
  for (const auto& [protocol, section] : tests::read_verdicts_page())
    for (const auto& [variant, row] : section.row) {
      if (row.states > most) continue;
      run::Target target = run::resolve({protocol + "@" + variant});
      target.model = with_weak_fairness(target.model);
      if (target.model.properties.empty()) continue;
      INFO(target.name);
      const Livelock verdict = compare_livelock(target);
      CHECK(verdict != Livelock::differ);
      CHECK(verdict != Livelock::not_decided);
      ++compared;
    }
  CHECK(compared > 5);
}

} // namespace spin_agrees_slow_test
