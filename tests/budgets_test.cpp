// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, a search that was cut short could say `holds`.
#include "explore/check.h"
#include "lower/instantiate.h"
#include "support/error.h"
#include "tests/generated_models.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace budgets_test {

using namespace tdxcheck;
using result::Verdict;

// 11^n states: n threads count to ten.
model::Model many_states(int threads) {
  tests::Sketch s;
  for (int i = 0; i < threads; ++i) {
    const auto t = s.thread("t" + std::to_string(i), "a*");
    const auto x = s.local(t, "x", 0, 10);
    auto& step = s.step(t, "a", "a");
    step.guard = model::binary(model::BinaryOp::less, s.read(x), model::integer(10));
    step.updates = {tests::set(x, model::binary(model::BinaryOp::add, s.read(x), model::integer(1)))};
  }
  s.claim("always", model::Always{model::truth(true)});
  s.claim("no_deadlock", model::NoDeadlock{});
  s.claim("assertion", model::Asserted{});
  s.claim("lock_discipline", model::LockDiscipline{});
  s.claim("unreachable", model::Sometimes{model::truth(false)});
  s.claim("reachable", model::Sometimes{model::truth(true)});
  return s.model;
}

result::CheckResult check(const model::Model& written, const explore::Options& options) {
  const model::Valuation valuation = model::defaults(written);
  return explore::check(written, valuation, lower::instantiate(written, valuation), options);
}

void expect_nothing_holds_but_what_was_seen(const result::CheckResult& result) {
  CHECK(!result.complete);
  CHECK(result.incomplete_because != "");
  CHECK(result.verdict == Verdict::unknown);
  for (const auto& property : result.properties) {
    CAPTURE(property.name);
    CHECK((property.verdict == Verdict::holds) == (property.name == "reachable" && result.states > 0));
    CHECK(property.verdict != Verdict::violated);
  }
  CHECK(result.vacuity.empty());
}

TEST_CASE("a search that runs out of memory answers unknown") {
  explore::Options options;
  for (const std::uint64_t budget : {0, 10'000, 100'000, 2'000'000}) {
    options.memory_bytes = budget;
    const auto result = check(many_states(6), options);
    expect_nothing_holds_but_what_was_seen(result);
    CHECK(result.incomplete_because == "the memory budget ran out");
    CHECK(result.states < 200'000);
  }
}

TEST_CASE("a search that runs out of time answers unknown") {
  explore::Options options;
  for (const double budget : {0.0, 0.05}) {
    options.seconds = budget;
    const auto result = check(many_states(7), options);
    expect_nothing_holds_but_what_was_seen(result);
    CHECK(result.incomplete_because == "the time budget ran out");
  }
}

TEST_CASE("an interrupted search answers unknown") {
  std::atomic<bool> interrupted = false;
  explore::Options options;
  options.interrupted = &interrupted;
  options.progress = [&](const explore::Progress& progress) {
    CHECK(progress.states > 0);
    interrupted = true;
  };
  const auto result = check(many_states(7), options);
  expect_nothing_holds_but_what_was_seen(result);
  CHECK(result.incomplete_because == "interrupted");
}

TEST_CASE("a violation that was seen before the budget ran out stands") {
  model::Model written = many_states(6);
  written.properties.push_back({"early", model::Always{model::truth(false)}, {}, "", {}});
  explore::Options options;
  options.memory_bytes = 400'000;
  const auto result = check(written, options);
  CHECK(!result.complete);
  CHECK(result.verdict == Verdict::violated);
  REQUIRE(result.properties.back().trace.has_value());
  CHECK(result.properties.back().trace->steps.empty());
}

TEST_CASE("with `first` the search ends at the first violation, and says that it did") {
  model::Model written = many_states(6);
  written.properties.push_back({"early", model::Always{model::truth(false)}, {}, "", {}});
  explore::Options options;
  options.first = true;
  const auto result = check(written, options);
  CHECK(result.verdict == Verdict::violated);
  CHECK(!result.complete);
  CHECK(result.states < 100);
}

TEST_CASE("many initial states are within the budgets, too") {
  tests::Sketch s;
  for (int i = 0; i < 6; ++i) {
    const auto x = s.number("x" + std::to_string(i), 0, 1023);
    s.model.variables[x].initial.reset();
  }
  s.thread("t", "a*");
  s.claim("unreachable", model::Sometimes{model::truth(false)});
  explore::Options options;
  options.memory_bytes = 1'000'000;
  CHECK(check(s.model, options).properties.front().verdict == Verdict::unknown);
}

TEST_CASE("a complete search within its budgets is not disturbed by them") {
  const model::Model written = many_states(4);
  const auto free = check(written, {});
  explore::Options options;
  options.memory_bytes = 1'000'000'000;
  options.seconds = 1000;
  const auto limited = check(written, options);
  CHECK(free.states == 14641);
  CHECK(free.transitions == 4 * 10 * 1331);
  CHECK(free.depth == 40);
  CHECK(limited.states == free.states);
  CHECK(limited.transitions == free.transitions);
  CHECK(limited.complete);
}

TEST_CASE("only the properties that are asked for are judged, and unknown names are refused") {
  explore::Options options;
  options.properties = {"no_deadlock", "reachable"};
  const model::Model written = many_states(2);
  const auto result = check(written, options);
  REQUIRE(result.properties.size() == 2);
  CHECK(result.properties[0].name == "no_deadlock");
  CHECK(result.verdict == Verdict::holds);
  options.properties = {"no_deadlok"};
  CHECK_THROWS_AS(check(written, options), support::InputError);
}

} // namespace budgets_test
