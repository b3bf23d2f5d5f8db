// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this, tails composed in the wrong order, or branches that cannot happen but were kept, would pass
// on the models that happen not to have them.
#include "explore/check.h"
#include "lower/instantiate.h"
#include "model/label_context.h"
#include "support/error.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace silent_steps_are_composed_test {

using namespace tdxcheck;
using model::BinaryOp;
using model::Expr;
using model::integer;
using model::truth;

Expr equal(Expr a, Expr b) { return model::binary(BinaryOp::equal, std::move(a), std::move(b)); }
Expr plus_one(Expr a) { return model::binary(BinaryOp::add, std::move(a), integer(1)); }

model::Model instantiated(const tests::Sketch& sketch) {
  return lower::instantiate(sketch.model, model::defaults(sketch.model));
}

std::vector<std::string> label_names(const model::Model& model, std::uint32_t thread = 0) {
  std::vector<std::string> names;
  for (const auto& label : model.threads[{thread}].labels) names.push_back(label.name);
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("a tail reads what its step and the tail before it have assigned") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c d*");
  const auto x = s.local(t, "x", 0, 9), y = s.local(t, "y", 0, 9);
  s.step(t, "a", "b").updates = {tests::set(x, plus_one(s.read(x)))};
  s.silent(t, "b", "c").updates = {tests::set(y, plus_one(s.read(x))), tests::set(x, integer(0))};
  s.silent(t, "c", "d").updates = {tests::set(x, plus_one(s.read(y)))};
  const model::Model model = instantiated(s);
  REQUIRE(model.threads[t].steps.size() == 1);
  CHECK(label_names(model) == Names{"a", "d"});
  const auto result = explore::check(s.model, model::defaults(s.model), model, {});
  CHECK(result.states == 2);
  const semantics::Interpreter reference(model, model::defaults(model));
  CHECK(reference.actions(reference.initial().front()).front().next.cells == std::vector<model::Value>{3, 2});
}

TEST_CASE("a branch that the step before has decided is not kept") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b busy ok*");
  const auto rc = s.local(t, "rc", 0, 3);
  const auto lock = s.boolean("lock");
  auto& took = s.step(t, "a", "b");
  took.guard = model::negation(s.read(lock));
  took.updates = {tests::set(rc, integer(0))};
  auto& busy = s.step(t, "a", "b");
  busy.guard = s.read(lock);
  busy.updates = {tests::set(rc, integer(2))};
  s.silent(t, "b", "ok", equal(s.read(rc), integer(0)));
  s.silent(t, "b", "busy", model::negation(equal(s.read(rc), integer(0))));
  s.step(t, "busy", "a");
  const model::Model model = instantiated(s);
  CHECK(model.threads[t].steps.size() == 3);
}

TEST_CASE("a condition that was tested before is not tested again") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c d e f* g*");
  const auto rc = s.local(t, "rc", 0, 3);
  s.step(t, "a", "b");
  // Twice the same question: two paths of the four are feasible.
  s.silent(t, "b", "c", equal(s.read(rc), integer(1)));
  s.silent(t, "b", "d", model::negation(equal(s.read(rc), integer(1))));
  s.silent(t, "c", "e");
  s.silent(t, "d", "e");
  s.silent(t, "e", "f", model::binary(BinaryOp::not_equal, s.read(rc), integer(1)));
  s.silent(t, "e", "g", model::negation(model::binary(BinaryOp::not_equal, s.read(rc), integer(1))));
  const model::Model model = instantiated(s);
  CHECK(model.threads[t].steps.size() == 2);
  CHECK(std::none_of(model.threads[t].steps.begin(), model.threads[t].steps.end(),
                     [](const auto& step) { return !step.error.empty(); }));
}

TEST_CASE("a status computed from what is shared decides the branch") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b ok* bad*");
  const auto rc = s.local(t, "rc", 0, 1);
  const auto lock = s.boolean("lock");
  const Expr status =
      model::make(integer(0).sort(), model::Conditional{s.read(lock), integer(1), integer(0)});
  s.step(t, "a", "b").updates = {tests::set(rc, status)};
  s.silent(t, "b", "ok", equal(s.read(rc), integer(0)));
  s.silent(t, "b", "bad", model::negation(equal(s.read(rc), integer(0))));
  const model::Model model = instantiated(s);
  REQUIRE(model.threads[t].steps.size() == 2);
  CHECK(model.threads[t].steps[0].guard == model::negation(s.read(lock)));
  CHECK(model.threads[t].steps[1].guard == s.read(lock));
}

TEST_CASE("a branch that is not decided by exactly one silent step is a model error where it is reached") {
  for (const bool none : {true, false}) {
    tests::Sketch s;
    const auto t = s.thread("t", "a b c* d*");
    const auto x = s.local(t, "x", 0, 3);
    s.step(t, "a", "a").updates = {
        tests::set(x, model::make(integer(0).sort(), model::Conditional{equal(s.read(x), integer(3)),
                                                                        integer(3), plus_one(s.read(x))}))};
    s.step(t, "a", "b");
    s.silent(t, "b", "c", model::binary(BinaryOp::less, s.read(x), integer(none ? 2 : 3)));
    s.silent(t, "b", "d", model::binary(BinaryOp::less, integer(2), plus_one(s.read(x))));
    const model::Model model = instantiated(s);
    const auto result = explore::check(s.model, model::defaults(s.model), model, {});
    CHECK(result.model_error.has_value() == !none);
    if (!result.model_error) continue;
    CHECK(result.model_error->trace.steps.size() == 3);
    CHECK(result.model_error->text.find("exactly one branch") != std::string::npos);
  }
}

TEST_CASE("a loop that never takes a step is refused, one that counts through literals is unrolled") {
  tests::Sketch s;
  const auto t = s.thread("t", "a head body end*");
  const auto i = s.local(t, "i", 0, 5);
  const Expr again = model::binary(BinaryOp::less, s.read(i), integer(5));
  s.step(t, "a", "head");
  s.silent(t, "head", "body", again);
  s.silent(t, "head", "end", model::negation(again));
  s.silent(t, "body", "head").updates = {tests::set(i, plus_one(s.read(i)))};
  CHECK_THROWS_AS(instantiated(s), support::InputError);
  s.model.threads[t].steps.front().updates = {tests::set(i, integer(0))};
  const model::Model model = instantiated(s);
  CHECK(label_names(model) == Names{"a", "end"});
  REQUIRE(model.threads[t].steps.size() == 1);
  CHECK(model::is_literal(model.threads[t].steps[0].updates.front().value, 5));
}

TEST_CASE("a thread starts where the tail of its start leads") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c end*");
  const auto x = s.local(t, "x", 0, 5, 2), unread = s.local(t, "unread", 0, 5, 0);
  s.silent(t, "a", "b", equal(s.read(x), integer(2))).updates = {tests::set(x, integer(4)),
                                                                 tests::set(unread, integer(3))};
  s.silent(t, "a", "c", model::negation(equal(s.read(x), integer(2))));
  s.step(t, "b", "end").updates = {tests::set(x, plus_one(s.read(x)))};
  s.step(t, "c", "end");
  s.claim("never", model::Always{model::binary(BinaryOp::less, s.read(x), integer(5))});
  const model::Model model = instantiated(s);
  CHECK(label_names(model) == Names{"b", "end"});
  const auto result = explore::check(s.model, model::defaults(s.model), model, {});
  REQUIRE(result.properties.front().trace.has_value());
  const auto& trace = *result.properties.front().trace;
  CHECK(trace.initial.at("t.x") == "4");
  CHECK(trace.initial.at("t.unread") == "3");
  CHECK(trace.initial.at("at t") == "b");
  CHECK(trace.final.at("t.x") == "5");
}

TEST_CASE("a start that is not the same everywhere is refused") {
  tests::Sketch s;
  const auto set = s.set("s", 2);
  const auto t = s.thread("t", "a b* c*", set);
  s.silent(t, "a", "b", equal(tests::self(set), model::literal({model::SortKind::index, set.value}, 0)));
  s.silent(t, "a", "c",
           model::negation(equal(tests::self(set), model::literal({model::SortKind::index, set.value}, 0))));
  CHECK_THROWS_AS(instantiated(s), support::InputError);
}

TEST_CASE("what silent steps say about operations and interrupts belongs to the step before them") {
  tests::Sketch s;
  const auto t = s.thread("t", "a b c end*");
  const auto op = s.model.operations.add({"zap", t, {}, {}});
  s.step(t, "a", "b");
  s.silent(t, "b", "c").facts = {model::OperationEvent{model::OperationAction::begin, op},
                                 model::ContextEvent{model::ContextAction::irqs_off}};
  auto& last = s.step(t, "c", "end");
  last.facts = {model::OperationEvent{model::OperationAction::end, op}};
  const model::Model model = instantiated(s);
  REQUIRE(model.threads[t].steps.size() == 2);
  CHECK(model.threads[t].steps.front().facts.size() == 2);
  std::vector<model::Problem> problems;
  const auto contexts = model::label_contexts(model, problems);
  CHECK(problems.empty());
  CHECK(contexts[0][1].operations.size() == 1);
  CHECK(contexts[0][1].irqs_off);
}

TEST_CASE("an operation that begins before the first step is open there") {
  tests::Sketch s;
  const auto t = s.thread("t", "a c end*");
  const auto op = s.model.operations.add({"zap", t, {}, {}});
  s.silent(t, "a", "c").facts = {model::OperationEvent{model::OperationAction::begin, op}};
  s.step(t, "c", "end").facts = {model::OperationEvent{model::OperationAction::end, op}};
  const model::Model model = instantiated(s);
  std::vector<model::Problem> problems;
  const auto contexts = model::label_contexts(model, problems);
  CHECK(problems.empty());
  CHECK(contexts[0][0].operations.size() == 1);
}

} // namespace silent_steps_are_composed_test
