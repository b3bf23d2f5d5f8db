// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, an expression without a value, or a cell out of its range, would be some value: random models
// have the first kind nowhere.
#include "audit/replay.h"
#include "explore/check.h"
#include "lower/instantiate.h"
#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace model_errors_test {

using namespace tdxcheck;
using model::BinaryOp;
using model::Expr;
using model::integer;

// Thread t takes two steps; the second is the one that may be ill-formed. `busy` has two members, `owner`
// starts with none.
struct Scene {
  tests::Sketch s;
  model::Id<model::IndexSet> set = s.set("s", 2);
  model::Id<model::Variable> x = s.number("x", 0, 3, 2);
  model::Id<model::Variable> owner, busy;
  model::Id<model::Thread> t = s.thread("t", "a b c*");

  Scene() {
    const model::Sort none{model::SortKind::optional_index, set.value};
    owner = s.model.variables.add({"owner",
                                   {model::OptionalIndexType{set}, {}},
                                   model::literal(none, model::no_member),
                                   model::GlobalScope{},
                                   "",
                                   {}});
    busy = s.model.variables.add(
        {"busy", {model::BoolType{}, {set}}, model::truth(false), model::GlobalScope{}, "", {}});
    s.step(t, "a", "b");
    s.step(t, "b", "c");
    s.claim("always", model::Always{model::truth(true)});
  }
  model::Step& second() { return s.model.threads[t].steps.back(); }
  Expr owner_is_busy() { return tests::read(s.model, busy, {s.read(owner)}); }
};

result::CheckResult check(const model::Model& written) {
  const model::Valuation valuation = model::defaults(written);
  return explore::check(written, valuation, lower::instantiate(written, valuation), {});
}

void expect_model_error(Scene& scene, const std::string& says) {
  const auto result = check(scene.s.model);
  REQUIRE(result.model_error.has_value());
  CHECK(result.model_error->text.find(says) != std::string::npos);
  CAPTURE(result.model_error->text);
  CHECK(result.verdict == result::Verdict::unknown);
  for (const auto& property : result.properties) CHECK(property.verdict == result::Verdict::unknown);
  CHECK(result.model_error->trace.steps.size() == 2);
  const auto replayed =
      audit::replay_model_error(scene.s.model, model::defaults(scene.s.model), result.model_error->trace);
  CHECK(replayed.why != "");
  CHECK(replayed.valid);
  CHECK(semantics::explore_plainly(scene.s.interpreter(), 100).error.has_value());
}

TEST_CASE("a cell that leaves its range is a model error") {
  Scene scene;
  scene.second().updates = {
      tests::set(scene.x, model::binary(BinaryOp::add, scene.s.read(scene.x), scene.s.read(scene.x)))};
  expect_model_error(scene, "`x` leaves its range 0..3: 4");
}

TEST_CASE("a constant that leaves the range is a model error") {
  Scene scene;
  scene.second().updates = {tests::set(scene.x, integer(-1))};
  expect_model_error(scene, "`x` leaves its range 0..3: -1");
}

TEST_CASE("a guard that reads a member which does not exist is a model error") {
  Scene scene;
  scene.second().guard = scene.owner_is_busy();
  expect_model_error(scene, "no value");
}

TEST_CASE("a value read at a member that does not exist is a model error") {
  Scene scene;
  scene.second().updates = {
      model::Update{{scene.busy, {tests::read(scene.s.model, scene.owner)}}, model::truth(true)}};
  expect_model_error(scene, "does not exist");
}

TEST_CASE("an assertion that has no value is a model error") {
  Scene scene;
  scene.second().facts = {model::Assertion{"sane", scene.owner_is_busy(), "sane"}};
  expect_model_error(scene, "no value");
}

TEST_CASE("a number beyond 64 bits is a model error") {
  Scene scene;
  const Expr large = model::binary(BinaryOp::shift_left, scene.s.read(scene.x), integer(62));
  scene.second().guard = model::binary(BinaryOp::less, large, integer(0));
  expect_model_error(scene, "no value");
}

TEST_CASE("a member that does not exist is harmless where it is not looked at") {
  Scene scene;
  const Expr owned = model::binary(BinaryOp::not_equal, scene.s.read(scene.owner),
                                   model::literal(scene.s.read(scene.owner).sort(), model::no_member));
  scene.second().guard = model::conjunction(owned, scene.owner_is_busy());
  scene.s.step(scene.t, "b", "c").guard = model::negation(model::conjunction(owned, scene.owner_is_busy()));
  scene.s.step(scene.t, "b", "c").guard = model::binary(BinaryOp::implies, owned, scene.owner_is_busy());
  const auto result = check(scene.s.model);
  CHECK(!result.model_error.has_value());
  CHECK(result.transitions == 3);
}

TEST_CASE("of two updates of one cell the later one counts, also for the range") {
  Scene scene;
  const Expr zero = model::literal({model::SortKind::index, scene.set.value}, 0);
  const auto which = scene.s.model.variables.add(
      {"which", {model::IndexType{scene.set}, {}}, zero, model::GlobalScope{}, "", {}});
  const auto cells = scene.s.model.variables.add({"cells",
                                                  {model::IntegerType{integer(0), integer(3)}, {scene.set}},
                                                  integer(0),
                                                  model::GlobalScope{},
                                                  "",
                                                  {}});
  const Expr chosen = scene.s.read(which);
  scene.second().updates = {
      tests::set(scene.x, integer(9)),
      tests::set(scene.x, integer(1)),
      model::Update{{cells, {chosen}}, integer(9)},
      model::Update{{cells, {zero}}, integer(2)},
      model::Update{{cells, {zero}}, model::binary(BinaryOp::add, scene.s.read(scene.x), integer(7))},
      model::Update{{cells, {chosen}}, integer(3)}};
  scene.s.claim("seen", model::Always{model::binary(BinaryOp::not_equal,
                                                    tests::read(scene.s.model, cells, {zero}), integer(3))});
  const auto result = check(scene.s.model);
  CHECK(!result.model_error.has_value());
  CHECK(result.properties.back().verdict == result::Verdict::violated);
}

} // namespace model_errors_test
