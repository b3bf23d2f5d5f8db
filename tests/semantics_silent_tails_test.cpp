// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a silent step is performed as a step of its own, so that other threads come in between and a state
// more is counted; or its tail ends a label too early.
#include "semantics/brute_force.h"
#include "support/error.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_silent_tails_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

semantics::Action only_action(const semantics::Interpreter& interpreter) {
  const auto actions = interpreter.actions(interpreter.initial().at(0));
  REQUIRE(actions.size() == 1);
  return actions[0];
}

Expr at_least(const Expr& e, Value n) { return binary(BinaryOp::less_equal, integer(n), e); }

TEST_CASE("silent steps are the tail of the step before them, up to a label without any") {
  Sketch s;
  const auto t = s.thread("t", "a b c d end*");
  const auto n = s.local(t, "n", 0, 9);
  s.step(t, "a", "b").updates = {tests::set(n, integer(3))};
  s.silent(t, "b", "c").updates = {tests::set(n, binary(BinaryOp::add, s.read(n), integer(1)))};
  s.silent(t, "c", "d", at_least(s.read(n), 4));
  s.silent(t, "c", "end", negation(at_least(s.read(n), 4)));
  s.step(t, "d", "end");
  const auto interpreter = s.interpreter();
  const auto action = only_action(interpreter);
  CHECK(tests::labels_of(interpreter, action.next) == "d");
  CHECK(action.next.cells == std::vector<Value>{4});
  CHECK(action.tail == std::vector<std::size_t>{1, 2});
  CHECK(semantics::explore_plainly(interpreter, 100).states.size() == 3);
}

TEST_CASE("ranges are checked after the tail, not within it") {
  Sketch s;
  const auto t = s.thread("t", "a b end*");
  const auto n = s.local(t, "n", 0, 3);
  s.step(t, "a", "b").updates = {tests::set(n, integer(7))};
  SUBCASE("back in range") {
    s.silent(t, "b", "end").updates = {tests::set(n, integer(3))};
    CHECK_FALSE(only_action(s.interpreter()).model_error);
  }
  SUBCASE("out of range for good") {
    s.silent(t, "b", "end");
    CHECK(only_action(s.interpreter()).model_error == "`t.n` leaves its range 0..3: 7");
  }
}

TEST_CASE("a silent label with no way on, or with two, is a model error") {
  Sketch s;
  const auto t = s.thread("t", "a b end*");
  const auto n = s.local(t, "n", 0, 3);
  s.step(t, "a", "b").updates = {tests::set(n, integer(1))};
  s.silent(t, "b", "end", at_least(s.read(n), 2));
  SUBCASE("none") { CHECK(only_action(s.interpreter()).model_error == "no way leads on from `b` of t"); }
  SUBCASE("two") {
    s.silent(t, "b", "a");
    s.silent(t, "b", "end", at_least(s.read(n), 1));
    CHECK(only_action(s.interpreter()).model_error == "more than one way leads on from `b` of t");
  }
}

TEST_CASE("a loop that never takes a step is a model error, not a hang") {
  Sketch s;
  const auto t = s.thread("t", "a b c end*");
  s.step(t, "a", "b");
  s.silent(t, "b", "c");
  s.silent(t, "c", "b");
  const auto error = only_action(s.interpreter()).model_error;
  REQUIRE(error);
  CHECK(error->find("a loop that never takes a step") != std::string::npos);
}

TEST_CASE("a thread that starts at a silent label has moved on before the first state") {
  Sketch s;
  const auto t = s.thread("t", "a b end*");
  const auto n = s.local(t, "n", 0, 3);
  s.silent(t, "a", "b").updates = {tests::set(n, integer(2))};
  s.step(t, "b", "end");
  const auto interpreter = s.interpreter();
  const auto initial = interpreter.initial();
  REQUIRE(initial.size() == 1);
  CHECK(tests::labels_of(interpreter, initial[0]) == "b");
  CHECK(initial[0].cells == std::vector<Value>{2});
}

TEST_CASE("an ill-formed start is the user's error, since there is no step to blame") {
  Sketch s;
  const auto t = s.thread("t", "a b*");
  const auto n = s.local(t, "n", 0, 3);
  s.silent(t, "a", "b").updates = {tests::set(n, integer(4))};
  CHECK_THROWS_AS(static_cast<void>(s.interpreter().initial()), support::InputError);
}

TEST_CASE("each member of a set has its own tail") {
  Sketch s;
  const auto two = s.set("two", 2);
  const auto t = s.thread("t", "a b low* high*", two);
  s.step(t, "a", "b");
  const Expr first = binary(BinaryOp::equal, tests::self(two), literal({SortKind::index, two.value}, 0));
  s.silent(t, "b", "low", first);
  s.silent(t, "b", "high", negation(first));
  const auto interpreter = s.interpreter();
  const auto actions = interpreter.actions(interpreter.initial().at(0));
  REQUIRE(actions.size() == 2);
  CHECK(tests::labels_of(interpreter, actions[0].next) == "low a");
  CHECK(tests::labels_of(interpreter, actions[1].next) == "a high");
}

TEST_CASE("assertions and events of a tail happen where the tail is, in order") {
  Sketch s;
  const auto t = s.thread("t", "a b end*");
  const auto n = s.local(t, "n", 0, 3);
  const auto loop = s.model.loops.add({"l", t, {}, {}});
  const Assertion zero{"zero", binary(BinaryOp::equal, s.read(n), integer(0)), "n is 0"};
  Step& step = s.step(t, "a", "b");
  step.updates = {tests::set(n, integer(1))};
  step.facts = {zero, LoopEvent{LoopAction::again, loop}};
  s.silent(t, "b", "end").facts = {zero, LoopEvent{LoopAction::leave, loop}};
  const auto action = only_action(s.interpreter());
  CHECK(action.failed.size() == 1); // in the tail only
  REQUIRE(action.happened.size() == 2);
  CHECK(std::get<LoopEvent>(action.happened[1]).action == LoopAction::leave);
}

TEST_CASE(
    "a branch of another variant is no branch: a label whose silent steps are all ruled out is ordinary") {
  Sketch s;
  const auto flag = s.model.parameters.add({"flag", BoolParameter{}, 0, "", {}});
  const auto t = s.thread("t", "a b end*");
  s.step(t, "a", "b");
  s.silent(t, "b", "end", tests::parameter(s.model, flag));
  const auto interpreter = s.interpreter();
  const auto action = only_action(interpreter);
  CHECK_FALSE(action.model_error);
  CHECK(tests::labels_of(interpreter, action.next) == "b");
  CHECK_FALSE(interpreter.is_silent(t, s.label(t, "b")));
}

} // namespace semantics_silent_tails_test
