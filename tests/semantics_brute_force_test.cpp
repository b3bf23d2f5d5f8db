// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: the yardstick itself counts a state twice, or finds a violation that is not the nearest.
#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_brute_force_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using semantics::Judged;
using tests::Sketch;

semantics::PlainVerdict verdict_on(const semantics::PlainExploration& seen, const std::string& property) {
  for (const auto& verdict : seen.properties)
    if (verdict.property == property) return verdict;
  FAIL("no property " << property);
  return {};
}

TEST_CASE("two threads and one lock have 8 states and 8 transitions, counted on paper") {
  const Model model = tests::two_threads_one_lock();
  const auto seen = semantics::explore_plainly(semantics::Interpreter(model, defaults(model)), 1000);
  CHECK(seen.complete);
  CHECK(seen.states.size() == 8);
  CHECK(seen.transitions == 8);
  CHECK(seen.depth == 4);
  for (const auto& verdict : seen.properties) CHECK(verdict.judged == Judged::holds);
  CHECK(seen.unreached_labels.empty());
}

TEST_CASE("without the lock two are inside, and the shortest run to that has two steps") {
  const Model model = tests::two_threads_one_lock();
  Valuation valuation = defaults(model);
  valuation.kept[0] = false;
  const auto seen = semantics::explore_plainly(semantics::Interpreter(model, valuation), 1000);
  const auto verdict = verdict_on(seen, "mutual_exclusion");
  CHECK(verdict.judged == Judged::violated);
  CHECK(verdict.depth() == 2);
}

TEST_CASE(
    "independent threads interleave: the square of the states, and each step from each state of the other") {
  Sketch s;
  const auto two = s.set("two", 2);
  const auto t = s.thread("t", "a b c*", two);
  s.step(t, "a", "b");
  s.step(t, "b", "c");
  const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
  CHECK(seen.states.size() == 9);
  CHECK(seen.transitions == 12);
  CHECK(seen.depth == 4);
}

TEST_CASE("two steps with the same effect are two transitions to one state") {
  Sketch s;
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b");
  s.step(t, "a", "b");
  const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
  CHECK(seen.states.size() == 2);
  CHECK(seen.transitions == 2);
}

TEST_CASE("a stop is a state in which nothing can happen and a thread is not at its end") {
  Sketch s;
  s.claim("no_deadlock", NoDeadlock{});
  const auto t = s.thread("t", "a b c*");
  s.step(t, "a", "b");
  SUBCASE("stops at b") {
    const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
    CHECK(seen.stop_depth == 1);
    // No step will ever lead from b, but the step to b is still to come at a.
    CHECK(seen.stuck_depth == 1);
    CHECK(verdict_on(seen, "no_deadlock").why == "nothing can happen, and t is not at its end");
  }
  SUBCASE("ends at c") {
    s.step(t, "b", "c");
    const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
    CHECK(verdict_on(seen, "no_deadlock").judged == Judged::holds);
    CHECK_FALSE(seen.stop_depth);
    CHECK_FALSE(seen.stuck_depth);
  }
}

TEST_CASE("a thread is stuck where no continuation moves it, though others go on for ever") {
  Sketch s;
  s.claim("no_deadlock", NoDeadlock{});
  const auto x = s.boolean("x", true);
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").guard = s.read(x);
  const auto u = s.thread("u", "a b");
  s.step(u, "a", "b").updates = {tests::set(x, truth(false))};
  Step& idle = s.step(u, "b", "b");
  idle.updates = {};
  const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
  CHECK_FALSE(seen.stop_depth);
  CHECK(seen.stuck_depth == 1);
  const auto verdict = verdict_on(seen, "no_deadlock");
  CHECK(verdict.depth() == 1);
  CHECK(verdict.why == "t can never take a step again");
  // A way back to x makes it a matter of starvation.
  s.step(u, "b", "b").updates = {tests::set(x, truth(true))};
  CHECK(verdict_on(semantics::explore_plainly(s.interpreter(), 1000), "no_deadlock").judged == Judged::holds);
}

TEST_CASE("a reachable model error leaves no verdict, but a shortest run to it") {
  Sketch s;
  s.claim("never", Always{truth(false)});
  const auto x = s.number("x", 0, 2);
  const auto t = s.thread("t", "a");
  s.step(t, "a", "a").updates = {tests::set(x, binary(BinaryOp::add, s.read(x), integer(1)))};
  const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
  REQUIRE(seen.error);
  CHECK(seen.error->text == "`x` leaves its range 0..2: 3");
  CHECK(seen.error->run.actions.size() == 3);
  CHECK_FALSE(seen.complete);
  CHECK(seen.properties.empty());
}

TEST_CASE("a failed assertion is found at the step that fails it, and the search goes on behind it") {
  Sketch s;
  s.claim("alive", Asserted{});
  const auto dead = s.boolean("dead");
  const auto t = s.thread("t", "a b c d*");
  s.step(t, "a", "b").updates = {tests::set(dead, truth(true))};
  s.step(t, "b", "c").facts = {Assertion{"alive", negation(s.read(dead)), "the VM is alive"}};
  s.step(t, "c", "d");
  const auto seen = semantics::explore_plainly(s.interpreter(), 1000);
  CHECK(seen.states.size() == 4);
  const auto verdict = verdict_on(seen, "alive");
  CHECK(verdict.depth() == 2);
  CHECK(verdict.why == "the VM is alive");
}

TEST_CASE("a counter is balanced in every state, empty at the end, and not held once freed") {
  Sketch s;
  const auto count = s.number("count", 0, 2), held = s.number("held", 0, 2);
  const auto freed = s.boolean("freed");
  const auto t = s.thread("t", "a b c*");
  Step& get = s.step(t, "a", "b");
  Step put;
  get.updates = {tests::set(count, integer(1)), tests::set(held, integer(1))};
  s.step(t, "b", "c").updates = {tests::set(count, integer(0)), tests::set(held, integer(0))};
  const auto counter = s.model.counters.add({"count", s.read(count), s.read(held), s.read(freed), {}});
  s.claim("balanced", Balanced{counter});
  auto& steps = s.model.threads[t].steps;
  const auto judged = [&] { return semantics::explore_plainly(s.interpreter(), 1000).properties.at(0); };
  SUBCASE("in order") { CHECK(judged().judged == Judged::holds); }
  SUBCASE("one holder too many") {
    steps[0].updates[0].value = integer(2);
    CHECK(judged().depth() == 1);
  }
  SUBCASE("leaked at the end") {
    steps[1].updates.clear();
    CHECK(judged().depth() == 2);
    CHECK(judged().why == "all threads have ended, and it counts 1");
  }
  SUBCASE("used after free") {
    steps[0].updates.push_back(tests::set(freed, truth(true)));
    CHECK(judged().why == "it is freed, and 1 hold it");
  }
}

TEST_CASE("a search that was cut short says so; what it found stands") {
  Sketch s;
  s.claim("small", Always{binary(BinaryOp::less, s.read(s.number("x", 0, 99)), integer(5))});
  s.claim("large", Sometimes{binary(BinaryOp::less, integer(50), s.read({0}))});
  s.claim("any", Always{truth(true)});
  const auto t = s.thread("t", "a*");
  Step& step = s.step(t, "a", "a");
  step.guard = binary(BinaryOp::less, s.read({0}), integer(99));
  step.updates = {tests::set({0}, binary(BinaryOp::add, s.read({0}), integer(1)))};
  const auto seen = semantics::explore_plainly(s.interpreter(), 10);
  CHECK_FALSE(seen.complete);
  CHECK(verdict_on(seen, "small").judged == Judged::violated);
  CHECK(verdict_on(seen, "small").depth() == 5);
  CHECK(verdict_on(seen, "large").judged == Judged::not_judged);
  CHECK(verdict_on(seen, "any").judged == Judged::not_judged);
  CHECK(verdict_on(semantics::explore_plainly(s.interpreter(), 100), "large").judged == Judged::holds);
}

TEST_CASE("a property that is not claimed for these parameters is no property") {
  Sketch s;
  s.model.parameters.add({"flag", BoolParameter{}, 0, "", {}});
  s.claim("never", Always{truth(false)});
  s.model.properties[0].claimed_when = tests::parameter(s.model, {0});
  s.thread("t", "a*");
  CHECK(semantics::explore_plainly(s.interpreter(), 10).properties.empty());
}

TEST_CASE("labels that no run reaches are named, silent ones and those of other variants are not") {
  Sketch s;
  const auto flag = s.model.parameters.add({"flag", BoolParameter{}, 0, "", {}});
  const auto x = s.boolean("x");
  const auto t = s.thread("t", "a silent b elsewhere behind_x*");
  s.step(t, "a", "silent");
  s.silent(t, "silent", "b");
  s.step(t, "b", "elsewhere").guard = tests::parameter(s.model, flag);
  s.step(t, "b", "behind_x").guard = s.read(x);
  CHECK(semantics::explore_plainly(s.interpreter(), 10).unreached_labels ==
        std::vector<std::string>{"t: behind_x"});
}

} // namespace semantics_brute_force_test
