// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: all cells of a variable that may start with any value start with the same one.
#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <set>

namespace semantics_initial_states_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

TEST_CASE("each cell may start with any value of its type, for itself") {
  Sketch s;
  const auto two = s.set("two", 2);
  const auto x = s.model.variables.add({"x", {OptionalIndexType{two}, {two}}, {}, GlobalScope{}, "", {}});
  s.boolean("y", true);
  s.thread("t", "a*");
  const auto initial = s.interpreter().initial();
  CHECK(initial.size() == 9);
  std::set<std::vector<Value>> seen;
  for (const auto& state : initial) {
    seen.insert(state.cells);
    CHECK(state.cells[2] == 1);
  }
  CHECK(seen.size() == 9);
  CHECK(seen.contains({no_member, 1, 1}));
  CHECK(x.value == 0);
}

TEST_CASE("all initial states have depth 0") {
  Sketch s;
  const auto x = s.boolean("x");
  s.model.variables[x].initial.reset();
  const auto t = s.thread("t", "a b*");
  s.step(t, "a", "b");
  const auto seen = semantics::explore_plainly(s.interpreter(), 100);
  CHECK(seen.states.size() == 4);
  CHECK(seen.depth_of == std::vector<std::size_t>{0, 0, 1, 1});
}

TEST_CASE("an initial state that two ways lead to counts once") {
  Sketch s;
  const auto t = s.thread("t", "a b*");
  const auto n = s.local(t, "n", 0, 3);
  s.model.variables[n].initial.reset();
  s.silent(t, "a", "b").updates = {tests::set(n, integer(0))};
  CHECK(s.interpreter().initial().size() == 1);
}

TEST_CASE("a search with a bound does not first write down more initial states than memory holds") {
  Sketch s;
  s.claim("lock_discipline", LockDiscipline{});
  const auto many = s.set("many", 40);
  s.model.variables.add({"x", {BoolType{}, {many}}, {}, GlobalScope{}, "", {}});
  s.thread("t", "a*");
  const auto seen = semantics::explore_plainly(s.interpreter(), 100);
  CHECK_FALSE(seen.complete);
  CHECK(seen.states.size() == 101);
  CHECK(seen.properties.at(0).judged == semantics::Judged::not_judged);
}

} // namespace semantics_initial_states_test
