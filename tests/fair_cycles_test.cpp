// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a fair cycle that lies only in part of a component, a step whose choices are counted as
// several, or an edge that leads out of the part and is not counted as enabled would go unnoticed: a livelock
// would be called impossible, or a run that no fair scheduler allows would be reported.
#include "audit/replay.h"
#include "explore/check.h"
#include "lower/instantiate.h"
#include "model/validate.h"
#include "tests/agreement.h"
#include "tests/fair_models.h"
#include "tests/inputs.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fair_cycles_test {

using namespace tdxcheck;

constexpr std::size_t most_states = 10;

std::uint64_t random_models() { return tests::inputs(2500, 60000); }

using Faulty = std::optional<std::string>;

std::string_view name_of(tests::Plainly plainly) {
  return plainly == tests::Plainly::violated ? "violated" : "holds";
}

// What the engine says that is not so.
Faulty fault(const model::Model& model, std::map<std::string, int>* seen = nullptr) {
  if (!model::validate(model).empty()) return {};
  const model::Valuation valuation = model::defaults(model);
  const semantics::Interpreter interpreter(model, valuation);
  const tests::PlainEndlessRuns plain(interpreter, most_states);
  if (plain.too_large()) return {};
  const auto engine = explore::check(model, valuation, lower::instantiate(model, valuation), {});
  for (std::size_t p = 0; p < model.properties.size(); ++p) {
    const auto& judged = engine.properties[p];
    const std::string expected(name_of(plain.judge(model.properties[p].claim)));
    if (seen != nullptr) ++(*seen)[judged.template_name + " " + expected];
    if (expected != result::name_of(judged.verdict))
      return fmt::format("{}: {} by definition, the engine says {} ({})", judged.name, expected,
                         result::name_of(judged.verdict), judged.detail);
    if (!judged.trace) continue;
    const auto replayed = audit::replay(model, valuation, *judged.trace);
    if (!replayed.valid) return fmt::format("the trace of {}: {}", judged.name, replayed.why);
    if (!replayed.caveat.empty()) return fmt::format("the trace of {}: {}", judged.name, replayed.caveat);
  }
  return {};
}

void expect_right(const model::Model& model, std::map<std::string, int>* seen) {
  const Faulty wrong = fault(model, seen);
  if (!wrong) return;
  const auto small = tests::shrunk(model, [](const model::Model& m) {
    try {
      return fault(m).has_value();
    } catch (const std::exception&) {
      return false;
    }
  });
  FAIL_CHECK(model.name << ": " << *wrong << "\nsmaller: " << fault(small).value_or("") << "\n"
                        << tests::written_out(small));
}

model::Model all_steps(model::Model model, model::Fairness fairness) {
  for (model::Thread& thread : model.threads)
    for (model::Step& step : thread.steps)
      if (!step.silent) step.fairness = fairness;
  return model;
}

TEST_CASE("fair runs are found exactly where the definition has them, and are fair to the audit") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= random_models(); ++seed) {
    const model::Model model = tests::fair_model(seed);
    expect_right(model, &seen);
    for (const auto fairness : {model::Fairness::none, model::Fairness::weak, model::Fairness::strong})
      expect_right(all_steps(model, fairness), &seen);
  }
  // Both answers of every template, and not by chance.
  for (const char* claim : {"no_livelock", "no_starvation", "leads_to", "recoverable"})
    for (const char* verdict : {"holds", "violated"}) {
      CAPTURE(claim);
      CAPTURE(verdict);
      CHECK(seen[fmt::format("{} {}", claim, verdict)] >= static_cast<int>(random_models() / 25));
    }
}

// The step loses its fairness, a weakly fair one with the others at its label, which stand or fall together
// under the name of the first. Nothing where it is not that one.
std::optional<model::Model> without_fairness(const model::Model& model, model::Id<model::Thread> t,
                                             std::size_t s) {
  model::Model fewer = model;
  auto& steps = fewer.threads[t].steps;
  const model::Step step = steps[s];
  steps[s].fairness = model::Fairness::none;
  if (step.fairness != model::Fairness::weak) return fewer;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].silent || steps[i].from != step.from || steps[i].fairness != model::Fairness::weak) continue;
    if (i < s) return {};
    steps[i].fairness = model::Fairness::none;
  }
  return fewer;
}

// Of a verdict that holds: what it says that it hinges on, and what it does hinge on.
Faulty wrong_hinges(const model::Model& model) {
  const model::Valuation valuation = model::defaults(model);
  const semantics::Interpreter interpreter(model, valuation);
  const tests::PlainEndlessRuns plain(interpreter, most_states);
  if (plain.too_large()) return {};
  const auto engine = explore::check(model, valuation, lower::instantiate(model, valuation), {});
  for (std::size_t p = 0; p < model.properties.size(); ++p) {
    const auto& judged = engine.properties[p];
    if (judged.verdict != result::Verdict::holds || judged.template_name == "recoverable") continue;
    for (const auto t : model.threads.ids()) {
      for (std::size_t s = 0; s < model.threads[t].steps.size(); ++s) {
        const model::Step& step = model.threads[t].steps[s];
        if (step.fairness == model::Fairness::none || step.silent) continue;
        const auto fewer = without_fairness(model, t, s);
        if (!fewer) continue;
        const semantics::Interpreter without(*fewer, valuation);
        const bool hinges = tests::PlainEndlessRuns(without, most_states).judge(model.properties[p].claim) ==
                            tests::Plainly::violated;
        const bool said = std::ranges::any_of(judged.assumptions, [&](const std::string& a) {
          return a.starts_with("hinges on") &&
                 a.ends_with(fmt::format("of {}: {}", model.threads[t].name, step.text));
        });
        if (hinges != said)
          return fmt::format("{}: {} of {}: {}", judged.name, step.text, model.threads[t].name, said);
      }
    }
  }
  return {};
}

TEST_CASE("what holds names exactly the steps without whose fairness it would not") {
  for (std::uint64_t seed = 1; seed <= random_models() / 4; ++seed) {
    const model::Model model = tests::fair_model(seed);
    CAPTURE(seed);
    CHECK(wrong_hinges(model).value_or("") == "");
  }
}

} // namespace fair_cycles_test
