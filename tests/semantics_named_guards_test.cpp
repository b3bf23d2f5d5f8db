// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: `--without NAME` drops the whole guard of a step, or nothing at all.
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_named_guards_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

struct Guarded {
  Sketch s;
  Id<GuardName> relied_on;

  // Enabled if x and, where it is kept, y. Both are false at first, so that x decides.
  Guarded(bool x, bool y) {
    const auto vx = s.boolean("x", x), vy = s.boolean("y", y);
    relied_on = s.model.guards.add({"relied_on", "", {}});
    const auto t = s.thread("t", "a b*");
    Step& step = s.step(t, "a", "b");
    step.guard = s.read(vx);
    step.named = {{relied_on, s.read(vy)}};
  }

  bool enabled(bool kept) const {
    Valuation valuation = defaults(s.model);
    valuation.kept[relied_on.value] = kept;
    const semantics::Interpreter interpreter(s.model, valuation);
    return !interpreter.actions(interpreter.initial().at(0)).empty();
  }
};

TEST_CASE("a named conjunct belongs to the guard unless it is dropped") {
  CHECK(Guarded(true, true).enabled(true));
  CHECK_FALSE(Guarded(true, false).enabled(true));
  CHECK_FALSE(Guarded(false, true).enabled(true));
  CHECK(Guarded(true, false).enabled(false));
  CHECK_FALSE(Guarded(false, false).enabled(false));
}

TEST_CASE("expressions can ask whether a guard is kept") {
  Sketch s;
  const auto guard = s.model.guards.add({"guard", "", {}});
  const auto x = s.boolean("x");
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").updates = {tests::set(x, make({}, Kept{guard}))};
  for (const bool kept : {true, false}) {
    Valuation valuation = defaults(s.model);
    valuation.kept[0] = kept;
    const semantics::Interpreter interpreter(s.model, valuation);
    CHECK(interpreter.actions(interpreter.initial().at(0)).at(0).next.cells[0] == Value{kept});
  }
}

TEST_CASE("a step that the parameters rule out is not there; one that the state disables is") {
  Sketch s;
  const auto form = s.model.parameters.add({"form", BoolParameter{}, 0, "", {}});
  const auto x = s.boolean("x");
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").guard = conjunction(s.read(x), tests::parameter(s.model, form));
  s.step(t, "a", "b").guard = s.read(x);
  const auto interpreter = s.interpreter();
  CHECK(interpreter.ruled_out(t, 0));
  CHECK_FALSE(interpreter.ruled_out(t, 1));
  CHECK(interpreter.actions(interpreter.initial().at(0)).empty());
  CHECK(interpreter.attempts(interpreter.initial().at(0), 0).size() == 1);
}

} // namespace semantics_named_guards_test
