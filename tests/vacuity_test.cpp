// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a success that rests on nothing would look like any other.
#include "explore/check.h"
#include "lower/instantiate.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace vacuity_test {

using namespace tdxcheck;
using model::BinaryOp;
using model::truth;
using Names = std::vector<std::string>;

result::CheckResult check(const model::Model& written) {
  const model::Valuation valuation = model::defaults(written);
  return explore::check(written, valuation, lower::instantiate(written, valuation), {});
}

TEST_CASE("nothing is vacuous in a model where everything matters") {
  const auto result = check(tests::two_threads_one_lock());
  CHECK(result.verdict == result::Verdict::holds);
  CHECK(result.states == 8);
  CHECK(result.transitions == 8);
  CHECK(result.vacuity.unreached_labels == Names{});
  CHECK(result.vacuity.unreached_steps == Names{});
  CHECK(result.vacuity.idle_guards == Names{});
  CHECK(result.vacuity.vacuous_properties == Names{});
}

TEST_CASE("labels and steps that no run reaches are named") {
  tests::Sketch s;
  const auto x = s.boolean("x");
  const auto t = s.thread("t", "a b* never*");
  s.step(t, "a", "b");
  auto& step = s.step(t, "a", "never");
  step.guard = s.read(x);
  step.text = "TDH.MEM.PAGE.AUG";
  step.status = "OPERAND_BUSY";
  step.source = {"protocols/x.cpp", 12};
  const auto result = check(s.model);
  CHECK(result.vacuity.unreached_labels == Names{"t: never"});
  CHECK(result.vacuity.unreached_steps ==
        Names{"t: a: TDH.MEM.PAGE.AUG [OPERAND_BUSY] (protocols/x.cpp:12)"});
}

TEST_CASE("what the valuation rules out is not called unreached") {
  tests::Sketch s;
  const auto n = s.model.parameters.add({"n", model::IntegerParameter{0, 3, false}, 0, "", {}});
  const auto t = s.thread("t", "a b* other*");
  s.step(t, "a", "b");
  s.step(t, "a", "other").guard =
      model::binary(BinaryOp::less, model::integer(0), tests::parameter(s.model, n));
  CHECK(check(s.model).vacuity.empty());
}

TEST_CASE("a step was taken if one of the paths of its tail was") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c* d*");
  const auto local = s.local(t, "x", 0, 1);
  s.step(t, "a", "b").text = "test";
  s.silent(t, "b", "c", model::binary(BinaryOp::equal, s.read(local), model::integer(0)));
  s.silent(t, "b", "d", model::binary(BinaryOp::equal, s.read(local), model::integer(1)));
  const auto result = check(s.model);
  CHECK(result.vacuity.unreached_steps == Names{});
  CHECK(result.vacuity.unreached_labels == Names{"t: d"});
}

TEST_CASE("a guard is idle until its conjunct alone keeps a step back") {
  tests::Sketch s;
  const auto x = s.boolean("x"), y = s.boolean("y");
  const auto idle = s.model.guards.add({"idle", "", {}}), busy = s.model.guards.add({"busy", "", {}});
  const auto unused = s.model.guards.add({"unused", "", {}});
  const auto inside = s.model.guards.add({"inside", "", {}}),
             outside = s.model.guards.add({"outside", "", {}});
  static_cast<void>(unused);
  const auto t = s.thread("t", "a b c*");
  // x and y change together: `busy` alone keeps the step back; `idle` is only ever false with `busy`.
  auto& flip = s.step(t, "a", "b");
  flip.updates = {tests::set(x, truth(true)), tests::set(y, truth(true))};
  flip.facts = {model::RanUnder{inside}};
  const auto u = s.thread("u", "a b c*");
  s.step(u, "a", "b").named = {{busy, s.read(x)}};
  auto& both = s.step(u, "b", "c");
  both.guard = s.read(x);
  both.named = {{idle, s.read(y)}};
  auto& never = s.step(t, "b", "c");
  never.guard = model::negation(s.read(x));
  never.facts = {model::RanUnder{outside}};
  CHECK(check(s.model).vacuity.idle_guards == Names{"idle", "outside"});
}

TEST_CASE("a conjunct that is false for a member whatever the state is at stake") {
  tests::Sketch s;
  const auto set = s.set("s", 2);
  const auto guard = s.model.guards.add({"guard", "", {}});
  const auto t = s.thread("t", "a* b*", set);
  s.step(t, "a", "b").named = {{guard, model::binary(BinaryOp::equal, tests::self(set),
                                                     model::literal({model::SortKind::index, 0}, 0))}};
  CHECK(check(s.model).vacuity.idle_guards == Names{});
}

TEST_CASE("properties that were never put to the test are named") {
  tests::Sketch s;
  const auto x = s.boolean("x"), y = s.boolean("y");
  const auto set = s.set("s", 2);
  const auto t = s.thread("t", "a b* c*");
  s.step(t, "a", "b").updates = {tests::set(y, truth(true))};
  auto& never = s.step(t, "a", "c");
  never.guard = s.read(x);
  never.facts = {model::Assertion{"asserted", truth(true), "sane"}};
  const auto implies = [&](model::Expr a) {
    return model::binary(BinaryOp::implies, std::move(a), truth(true));
  };
  const model::BoundName member{1, "m"};
  s.claim("asserted", model::Asserted{});
  s.claim("lock_discipline", model::LockDiscipline{});
  s.claim("if x", model::Always{implies(s.read(x))});
  s.claim("if y", model::Always{implies(s.read(y))});
  s.claim("if x for all", model::Always{tests::for_all(member, set, implies(s.read(x)))});
  s.claim("if y for all", model::Always{tests::for_all(member, set, implies(s.read(y)))});
  s.claim("nothing", model::Always{truth(true)});
  const auto zero = s.model.counters.add({"zero", model::integer(0), model::integer(0), {}, {}});
  s.claim("balanced", model::Balanced{zero});
  // Folding makes `x => true` true; the claims are judged as they are written, so only what is left can be
  // vacuous.
  model::Model model = s.model;
  const auto judged = explore::check(model, model::defaults(model), model, {});
  CHECK(judged.vacuity.vacuous_properties ==
        Names{"asserted", "lock_discipline", "if x", "if x for all", "nothing", "balanced"});
}

} // namespace vacuity_test
