// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a local that is smaller while some step, fact, lock or property still reads it would change
// verdicts, and a trace of the smaller model would be told that the written one does not have.
#include "lower/shrink.h"

#include "explore/check.h"
#include "lower/instantiate.h"
#include "model/validate.h"
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/agreement.h"
#include "tests/dice.h"
#include "tests/fair_models.h"
#include "tests/generated_models.h"
#include "tests/planted_bugs.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"
#include "tests/unconfirmed.h"
#include "tests/with_leftovers.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace shrink_keeps_the_meaning_test {

using namespace tdxcheck;
using Difference = std::optional<std::string>;

struct States {
  std::uint64_t before = 0, after = 0;
};

// Of what is shown by a shortest run; fair runs that stop need not be shortest.
std::size_t length(const result::PropertyResult& property) {
  const std::string& name = property.template_name;
  const bool endless = name == "no_livelock" || name == "no_starvation" || name == "leads_to";
  return property.trace && !endless ? property.trace->steps.size() : 0;
}

Difference difference(const result::CheckResult& before, const result::CheckResult& after) {
  if (before.model_error.has_value() != after.model_error.has_value()) return "a model error";
  if (before.model_error) {
    if (before.model_error->trace.steps.size() != after.model_error->trace.steps.size())
      return "steps to the model error";
    return {};
  }
  if (before.states < after.states) return "there are more states";
  if (before.depth < after.depth) return "the search goes deeper";
  for (std::size_t p = 0; p < before.properties.size(); ++p) {
    const auto &a = before.properties[p], &b = after.properties[p];
    if (a.verdict != b.verdict)
      return fmt::format("{}: {} and then {}", a.name, name_of(a.verdict), name_of(b.verdict));
    if (length(a) != length(b)) return fmt::format("{}: length of the run", a.name);
    if (a.assumptions != b.assumptions) return fmt::format("{}: what it rests on", a.name);
  }
  if (before.vacuity.unreached_labels != after.vacuity.unreached_labels) return "labels that are reached";
  if (before.vacuity.unreached_steps != after.vacuity.unreached_steps) return "steps that are taken";
  if (before.vacuity.idle_guards != after.vacuity.idle_guards) return "guards at stake";
  return {};
}

Difference wrong(const model::Model& written, States* states = nullptr) {
  const model::Valuation valuation = model::defaults(written);
  try {
    const model::Model instantiated = lower::instantiate(written, valuation);
    const model::Model smaller = lower::shrink(instantiated, valuation);
    const auto before = explore::check(written, valuation, instantiated, {});
    const auto after = explore::check(written, valuation, instantiated, smaller, {});
    if (states != nullptr && !before.model_error) {
      states->before += before.states;
      states->after += after.states;
    }
    const Difference d = difference(before, after);
    return d ? d : tests::unconfirmed(written, valuation, after);
  } catch (const support::InputError&) {
    return {};
  }
}

void expect_the_same(const model::Model& written, States* states = nullptr) {
  const Difference found = wrong(written, states);
  if (!found) return;
  const model::Model small = tests::shrunk(written, [](const model::Model& m) {
    try {
      return wrong(m).has_value();
    } catch (const std::exception&) {
      return false;
    }
  });
  FAIL(written.name << ": " << *found << "\nsmaller: " << wrong(small).value_or("") << "\n"
                    << tests::written_out(small) << "\nshrunk:\n"
                    << tests::written_out(lower::shrink(lower::instantiate(small, model::defaults(small)),
                                                        model::defaults(small))));
}

TEST_CASE("shrinking keeps verdicts, shortest runs and coverage of random models") {
  States states;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(300); ++seed) {
    expect_the_same(tests::random_model(seed));
    expect_the_same(tests::with_leftovers(tests::random_model(seed), seed), &states);
  }
  CHECK(states.after < states.before);
}

TEST_CASE("shrinking hides no bug that is planted in a step") {
  std::size_t bugs = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed)
    for (const tests::PlantedBug& bug :
         tests::planted_bugs(tests::with_leftovers(tests::random_model(seed), seed))) {
      INFO("seed " << seed << ": " << bug.what);
      expect_the_same(bug.model);
      ++bugs;
    }
  CHECK(bugs > 100);
  MESSAGE(bugs << " bugs planted");
}

TEST_CASE("shrinking keeps what is said of endless runs, and lassos close") {
  States states;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(1000); ++seed)
    expect_the_same(tests::with_leftovers(tests::fair_model(seed), seed), &states);
  CHECK(states.after < states.before);
}

TEST_CASE("shrinking keeps the models written out by hand") {
  for (const model::Model& written : {tests::two_threads_one_lock(), tests::every_feature()})
    expect_the_same(written);
}

std::uint64_t states_after(const model::Model& written) {
  const model::Valuation valuation = model::defaults(written);
  const model::Model instantiated = lower::instantiate(written, valuation);
  return explore::check(written, valuation, instantiated, lower::shrink(instantiated, valuation), {}).states;
}

// Chooses a number, uses it, forgets it.
tests::Sketch chooser() {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c end*");
  const auto x = s.local(t, "x", 0, 3);
  s.number("shared", 0, 3);
  for (model::Value v = 0; v <= 3; ++v) s.step(t, "a", "b").updates = {tests::set(x, model::integer(v))};
  s.step(t, "b", "c").guard = model::binary(model::BinaryOp::less_equal, s.read(x), model::integer(2));
  s.step(t, "c", "end");
  return s;
}

TEST_CASE("a local that is not read again makes no states") {
  // a; b with x = 0..3; c; end.
  CHECK(states_after(chooser().model) == 1 + 4 + 1 + 1);
}

TEST_CASE("a local that a property reads is left alone") {
  tests::Sketch s = chooser();
  const model::Id<model::Variable> x{0};
  s.claim("small", model::Always{model::binary(model::BinaryOp::less_equal, s.read(x), model::integer(2))});
  CHECK(states_after(s.model) == 1 + 4 + 3 + 3);
}

TEST_CASE("a shared variable that nothing reads makes no states, and one that a property reads does") {
  tests::Sketch s;
  const auto t = s.thread("t", "a end*");
  const auto x = s.number("x", 0, 3);
  for (model::Value v = 0; v <= 3; ++v) s.step(t, "a", "end").updates = {tests::set(x, model::integer(v))};
  CHECK(states_after(s.model) == 1 + 1);
  s.claim("small", model::Always{model::binary(model::BinaryOp::less_equal, s.read(x), model::integer(2))});
  CHECK(states_after(s.model) == 1 + 4);
}

TEST_CASE("a shared variable that nothing reads may still not leave its range") {
  tests::Sketch s;
  const auto t = s.thread("t", "a end*");
  const auto x = s.number("x", 0, 3);
  s.step(t, "a", "end").updates = {tests::set(x, model::integer(4))};
  expect_the_same(s.model);
}

TEST_CASE("a dead value that may leave its range still does") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b end*");
  const auto x = s.local(t, "x", 0, 3, 3);
  s.step(t, "a", "b");
  s.step(t, "b", "end").updates = {
      tests::set(x, model::binary(model::BinaryOp::add, s.read(x), model::integer(1)))};
  expect_the_same(s.model);
  const auto valuation = model::defaults(s.model);
  const auto instantiated = lower::instantiate(s.model, valuation);
  CHECK(explore::check(s.model, valuation, instantiated, lower::shrink(instantiated, valuation), {})
            .model_error);
}

} // namespace shrink_keeps_the_meaning_test
