// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: updates are written one after the other, so that the second reads what the first has written.
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_steps_are_atomic_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

TEST_CASE("the updates of a step are simultaneous: two variables are swapped without a third") {
  Sketch s;
  const auto x = s.number("x", 0, 9, 1), y = s.number("y", 0, 9, 2);
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").updates = {tests::set(x, s.read(y)), tests::set(y, s.read(x))};
  const auto interpreter = s.interpreter();
  const auto actions = interpreter.actions(interpreter.initial().front());
  REQUIRE(actions.size() == 1);
  CHECK(actions[0].next.cells == std::vector<Value>{2, 1});
}

TEST_CASE("the index of a target is looked up before anything is written") {
  Sketch s;
  const auto set = s.set("s", 2);
  const auto i = s.model.variables.add(
      {"i", {IndexType{set}, {}}, literal({SortKind::index, set.value}, 0), GlobalScope{}, "", {}});
  const auto flags =
      s.model.variables.add({"flags", {BoolType{}, {set}}, truth(false), GlobalScope{}, "", {}});
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").updates = {tests::set(i, literal({SortKind::index, set.value}, 1)),
                                 {VariableRef{flags, {s.read(i)}}, truth(true)}};
  const auto interpreter = s.interpreter();
  CHECK(interpreter.actions(interpreter.initial().front()).at(0).next.cells == std::vector<Value>{1, 1, 0});
}

TEST_CASE("of two updates that turn out to be of one cell, the later counts") {
  Sketch s;
  const auto set = s.set("s", 1);
  const auto number = Type{IntegerType{integer(0), integer(9)}, {set}};
  const auto x = s.model.variables.add({"x", number, integer(0), GlobalScope{}, "", {}});
  const auto t = s.thread("t", "a b*", set);
  s.step(t, "a", "b").updates = {{VariableRef{x, {literal({SortKind::index, set.value}, 0)}}, integer(1)},
                                 {VariableRef{x, {tests::self(set)}}, integer(2)}};
  const auto interpreter = s.interpreter();
  CHECK(interpreter.actions(interpreter.initial().front()).at(0).next.cells == std::vector<Value>{2});
}

TEST_CASE("an assertion speaks about the state before the step, which happens all the same") {
  Sketch s;
  const auto dead = s.boolean("dead");
  const auto t = s.thread("t", "a b c*");
  const Assertion alive{"alive", negation(s.read(dead)), "the VM is alive"};
  Step& first = s.step(t, "a", "b");
  first.updates = {tests::set(dead, truth(true))};
  first.facts = {alive};
  s.step(t, "b", "c").facts = {alive};
  const auto interpreter = s.interpreter();
  const auto one = interpreter.actions(interpreter.initial().front()).at(0);
  CHECK(one.failed.empty());
  const auto two = interpreter.actions(one.next).at(0);
  REQUIRE(two.failed.size() == 1);
  CHECK(two.failed[0] == semantics::FailedAssertion{"alive", "the VM is alive"});
  CHECK(tests::labels_of(interpreter, two.next) == "c");
}

TEST_CASE("actions come in the order of threads and steps, and each moves its own thread only") {
  Sketch s;
  const auto two = s.set("two", 2);
  const auto t = s.thread("t", "a b*", two), u = s.thread("u", "a b c*");
  s.step(t, "a", "b");
  s.step(u, "a", "b");
  s.step(u, "a", "c");
  const auto interpreter = s.interpreter();
  std::vector<std::string> reached;
  for (const auto& action : interpreter.actions(interpreter.initial().front()))
    reached.push_back(tests::labels_of(interpreter, action.next));
  CHECK(reached == std::vector<std::string>{"b a a", "a b a", "a a b", "a a c"});
}

} // namespace semantics_steps_are_atomic_test
