// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a variable that decides a verdict by a way nobody thought of would be left out, and the
// verdict with it.
#include "lower/slice.h"

#include "explore/check.h"
#include "lower/instantiate.h"
#include "lower/shrink.h"
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

namespace slice_keeps_the_meaning_test {

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
  if (before.model_error) return {};
  if (before.states < after.states) return "there are more states";
  const auto &a = before.properties.front(), &b = after.properties.front();
  if (a.verdict != b.verdict)
    return fmt::format("{}: {} and then {}", a.name, name_of(a.verdict), name_of(b.verdict));
  if (length(a) != length(b)) return fmt::format("{}: length of the run", a.name);
  if (a.evidence != b.evidence) return fmt::format("{}: evidence", a.name);
  if (before.vacuity.unreached_labels != after.vacuity.unreached_labels) return "labels that are reached";
  if (before.vacuity.unreached_steps != after.vacuity.unreached_steps) return "steps that are taken";
  if (before.vacuity.idle_guards != after.vacuity.idle_guards) return "guards at stake";
  if (before.vacuity.vacuous_properties != after.vacuity.vacuous_properties) return "vacuous properties";
  return {};
}

// For one of the properties, as sliced, and as sliced and shrunk.
Difference wrong(const model::Model& written, std::size_t which, States* states = nullptr) {
  const model::Valuation valuation = model::defaults(written);
  try {
    const model::Model instantiated = lower::instantiate(written, valuation);
    if (instantiated.properties.empty()) return {};
    explore::Options options;
    options.properties = {instantiated.properties[which % instantiated.properties.size()].name};
    const model::Model sliced = lower::slice(instantiated, valuation, options.properties);
    const auto before = explore::check(written, valuation, instantiated, options);
    for (const model::Model& smaller : {sliced, lower::shrink(sliced, valuation)}) {
      const auto after = explore::check(written, valuation, instantiated, smaller, options);
      if (states != nullptr && !before.model_error)
        states->before += before.states, states->after += after.states;
      if (const Difference d = difference(before, after)) return d;
      if (const Difference d = tests::unconfirmed(written, valuation, after)) return d;
    }
  } catch (const support::InputError&) {
  }
  return {};
}

void expect_the_same(const model::Model& written, std::size_t which, States* states = nullptr) {
  const Difference found = wrong(written, which, states);
  if (!found) return;
  const model::Model small = tests::shrunk(written, [&](const model::Model& m) {
    try {
      return wrong(m, which).has_value();
    } catch (const std::exception&) {
      return false;
    }
  });
  FAIL(written.name << ": " << *found << "\nsmaller: " << wrong(small, which).value_or("") << "\n"
                    << tests::written_out(small));
}

TEST_CASE("slicing keeps verdict, shortest run and coverage of each property of random models") {
  States states;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(300); ++seed) {
    expect_the_same(tests::random_model(seed), seed, &states);
    expect_the_same(tests::with_leftovers(tests::random_model(seed), seed), seed / 3, &states);
  }
  MESSAGE(states.before << " states, " << states.after << " after");
  CHECK(states.after < states.before);
}

TEST_CASE("slicing keeps what is said of endless runs, and lassos close") {
  States states;
  for (std::uint64_t seed = 1; seed <= tests::a_third_if_sanitized(600); ++seed)
    expect_the_same(tests::with_leftovers(tests::fair_model(seed), seed), seed, &states);
  CHECK(states.after < states.before);
}

TEST_CASE("slicing hides no planted bug") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed)
    for (const tests::PlantedBug& bug : tests::planted_bugs(tests::random_model(seed))) {
      CAPTURE(bug.what);
      expect_the_same(bug.model, seed);
    }
}

TEST_CASE("slicing keeps the models written out by hand") {
  for (std::size_t which = 0; which < 12; ++which) expect_the_same(tests::two_threads_one_lock(), which);
  expect_the_same(tests::every_feature(), 0);
}

TEST_CASE("what nothing but itself is computed from is left out, unless a property reads it") {
  tests::Sketch s;
  const auto t = s.thread("t", "a end*");
  const auto x = s.number("x", 0, 3), y = s.number("y", 0, 3);
  s.step(t, "a", "a").updates = {
      tests::set(x, model::conditional(model::binary(model::BinaryOp::less, s.read(x), model::integer(3)),
                                       s.read(y), model::integer(0))),
      tests::set(y, s.read(x))};
  s.step(t, "a", "end");
  for (model::Value v = 1; v <= 3; ++v) s.step(t, "a", "a").updates = {tests::set(y, model::integer(v))};
  s.claim("small", model::Always{model::binary(model::BinaryOp::less_equal, s.read(x), model::integer(3))});
  s.claim("stops", model::NoDeadlock{});
  const model::Valuation valuation = model::defaults(s.model);
  const model::Model instantiated = lower::instantiate(s.model, valuation);
  const auto states = [&](const std::string& property) {
    explore::Options options;
    options.properties = {property};
    return explore::check(s.model, valuation, instantiated, lower::slice(instantiated, valuation, {property}),
                          options)
        .states;
  };
  CHECK(states("stops") == 2);
  CHECK(states("small") > 2);
}

} // namespace slice_keeps_the_meaning_test
