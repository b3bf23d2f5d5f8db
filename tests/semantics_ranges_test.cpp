// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a counter that leaves its range wraps or is cut off silently, and the run goes on.
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_ranges_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

std::optional<std::string> error_of(const Sketch& s) {
  const auto interpreter = s.interpreter();
  return interpreter.actions(interpreter.initial().at(0)).at(0).model_error;
}

TEST_CASE("a number that leaves its range is a model error, at either end") {
  for (const Value step : {1, -1, 0}) {
    Sketch s;
    const auto x = s.number("x", 2, 2, 2);
    const auto t = s.thread("t", "a b*");
    s.step(t, "a", "b").updates = {tests::set(x, binary(BinaryOp::add, s.read(x), integer(step)))};
    if (step == 0) CHECK_FALSE(error_of(s));
    else CHECK(error_of(s) == "`x` leaves its range 2..2: " + std::to_string(2 + step));
  }
}

TEST_CASE("ranges are what the parameters make them") {
  Sketch s;
  const auto limit = s.model.parameters.add({"limit", IntegerParameter{0, 9, false}, 4, "", {}});
  const auto x = s.number("x", 0, 0);
  s.model.variables[x].type.scalar = IntegerType{integer(0), tests::parameter(s.model, limit)};
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b").updates = {tests::set(x, integer(5))};
  CHECK(error_of(s) == "`x` leaves its range 0..4: 5");
  s.model.parameters[limit].default_value = 5;
  CHECK_FALSE(error_of(s));
}

TEST_CASE("a member that does not exist is a model error: in an update, in an index, in a guard") {
  Sketch s;
  const auto two = s.set("two", 2);
  const auto flags =
      s.model.variables.add({"flags", {BoolType{}, {two}}, truth(false), GlobalScope{}, "", {}});
  const auto i = s.model.variables.add(
      {"i", {IndexType{two}, {}}, literal({SortKind::index, two.value}, 1), GlobalScope{}, "", {}});
  const auto t = s.thread("t", "a b*");
  const Expr next = binary(BinaryOp::add, s.read(i), integer(1));
  Step& step = s.step(t, "a", "b");
  SUBCASE("update") {
    step.updates = {tests::set(i, next)};
    CHECK(error_of(s) == "`i` leaves its range 0..1: 2");
  }
  SUBCASE("target") {
    step.updates = {{VariableRef{flags, {next}}, truth(true)}};
    CHECK(error_of(s) == "`flags` is used at 2, which is no member of `two`");
  }
  SUBCASE("guard") {
    step.guard = tests::read(s.model, flags, {next});
    CHECK(error_of(s) == "`flags` is used at 2, which is no member of `two`");
  }
  SUBCASE("guard that does not get there") {
    step.guard =
        binary(BinaryOp::logical_or, binary(BinaryOp::equal, s.read(i), literal({SortKind::index, 0}, 1)),
               tests::read(s.model, flags, {next}));
    CHECK_FALSE(error_of(s));
  }
}

} // namespace semantics_ranges_test
