// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a step with a choice counts once instead of once per member, or the guard does not see the choice.
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_choices_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

TEST_CASE("each way to choose is an action of its own, the last choice changing fastest") {
  Sketch s;
  const auto two = s.set("two", 2), three = s.set("three", 3);
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").choices = {{{0, "i"}, two}, {{1, "j"}, three}};
  const auto interpreter = s.interpreter();
  const auto actions = interpreter.actions(interpreter.initial().at(0));
  REQUIRE(actions.size() == 6);
  CHECK(actions[1].choices == std::vector<Value>{0, 1});
  CHECK(actions[5].choices == std::vector<Value>{1, 2});
}

TEST_CASE("guard, updates and facts see what was chosen") {
  Sketch s;
  const auto three = s.set("three", 3);
  const auto x = s.model.variables.add({"x",
                                        {OptionalIndexType{three}, {}},
                                        literal({SortKind::optional_index, 0}, no_member),
                                        GlobalScope{},
                                        "",
                                        {}});
  Lock lock;
  lock.name = "lock";
  lock.over = {three};
  const auto l = s.model.locks.add(lock);
  const auto t = s.thread("t", "a b*", three);
  const BoundName i{7, "i"};
  const Expr chosen = tests::bound(i, three);
  Step& step = s.step(t, "a", "b");
  step.choices = {{i, three}};
  step.guard = binary(BinaryOp::not_equal, chosen, tests::self(three));
  step.updates = {tests::set(x, chosen)};
  step.facts = {
      LockEvent{LockAction::try_acquire, l, {chosen}, LockMode::exclusive},
      Assertion{"even", binary(BinaryOp::not_equal, chosen, literal({SortKind::index, 0}, 1)), "not 1"}};
  const auto interpreter = s.interpreter();
  const auto actions = interpreter.actions(interpreter.initial().at(0));
  REQUIRE(actions.size() == 6);
  for (const auto& action : actions) {
    CHECK(action.choices[0] != static_cast<Value>(action.thread));
    CHECK(action.next.cells[0] == action.choices[0]);
    CHECK(std::get<semantics::LockHappening>(action.happened.at(0)).instance == action.choices);
    CHECK(action.failed.empty() == (action.choices[0] != 1));
  }
}

} // namespace semantics_choices_test
