// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a lasso is believed although it does not return, or although the scheduler would have to be
// unfair.
#include "audit/replay.h"
#include "tests/sketch.h"
#include "tests/trace_from_run.h"

#include <doctest/doctest.h>

namespace replay_lasso_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

struct Replayed {
  Sketch s;
  std::string property;

  audit::ReplayResult of(const std::string& way, std::optional<std::size_t> loop) const {
    const auto interpreter = s.interpreter();
    const auto trace = tests::trace_from_run(interpreter, property, tests::run_along(interpreter, way), loop);
    return audit::replay(s.model, defaults(s.model), trace);
  }
  void valid(const std::string& way, std::optional<std::size_t> loop, const std::string& why) const {
    const auto result = of(way, loop);
    CHECK_MESSAGE(result.valid, result.why);
    CHECK(result.why == why);
  }
  void refused(const std::string& way, std::optional<std::size_t> loop, const std::string& why) const {
    const auto result = of(way, loop);
    CHECK_FALSE(result.valid);
    CHECK_MESSAGE(result.why.find(why) != std::string::npos, result.why);
  }
};

// A retries, once begun, until it is done; `done` is enabled only where B is at b. B goes to and fro.
struct Retrying : Replayed {
  Id<Thread> a, b;
  Id<Operation> operation, other;

  explicit Retrying(Fairness done) {
    a = s.thread("A", "idle retry pause finished*");
    b = s.thread("B", "a b");
    operation = s.model.operations.add({"zap", a, {}, {}});
    other = s.model.operations.add({"other", b, {}, {}});
    s.step(a, "idle", "retry").facts = {OperationEvent{OperationAction::begin, operation}};
    s.step(a, "retry", "pause");
    s.step(a, "pause", "retry");
    const auto x = s.boolean("b_is_at_b");
    Step& finish = s.step(a, "retry", "finished");
    finish.guard = s.read(x);
    finish.fairness = done;
    finish.facts = {OperationEvent{OperationAction::end, operation}};
    s.step(b, "a", "b").updates = {tests::set(x, truth(true))};
    s.step(b, "b", "a").updates = {tests::set(x, truth(false))};
    s.claim("no_livelock", NoLivelock{});
    s.claim("no_starvation", NoStarvation{});
    s.claim("always_done", LeadsTo{truth(true), in_finished()});
    s.claim("never", Always{truth(false)});
    property = "no_livelock";
  }
  Expr in_finished() { return make({}, InRegion{s.model.regions.add({"finished", a, {Id<Label>{3}}}), {}}); }
};

const std::string around = "A idle retry, B a b, A retry pause, B b a, A pause retry";
const std::string goes_round = "A goes round in `zap`, and no operation ever ends";

TEST_CASE("a fair lasso on which an operation stays open and its thread moves is a livelock") {
  const Retrying r(Fairness::weak);
  // `done` is enabled while B is at b and A at retry, but not all the time.
  r.valid(around, 1, goes_round);
}

TEST_CASE("what is enabled again and again must happen if it is strongly fair") {
  const Retrying r(Fairness::strong);
  r.refused(
      around, 1,
      "the lasso is not fair: A retry -> finished (strong fair) is enabled again and again and never taken");
}

TEST_CASE("what is enabled all the time must happen if it is weakly fair, and need not if it is not fair") {
  Retrying r(Fairness::weak);
  const std::string only_a = "A idle retry, A retry pause, A pause retry";
  r.refused(only_a, 1, "B a -> b (weak fair) is enabled all the time and never taken");
  for (Step& step : r.s.model.threads[r.b].steps) step.fairness = Fairness::none;
  r.valid(only_a, 1, goes_round);
}

TEST_CASE("a lasso returns to the state before the step it names, and there is such a step") {
  const Retrying r(Fairness::weak);
  r.refused(around, 0, "the lasso does not return to the state before step 1");
  r.refused(around, 2, "the lasso does not return to the state before step 3");
  r.refused(around, 5, "the lasso returns to step 6, but there are only 5 steps");
  r.refused(around + ", B a b", 1, "the lasso does not return");
  const auto interpreter = r.s.interpreter();
  auto trace = tests::trace_from_run(interpreter, "no_livelock", tests::run_along(interpreter, around), 1);
  trace.loop.reset();
  CHECK(audit::replay(r.s.model, defaults(r.s.model), trace).why ==
        "a lasso returns, but the trace does not name the step");
}

TEST_CASE("on a livelock no operation ends, and the operation's own thread moves") {
  Retrying r(Fairness::weak);
  SUBCASE("another operation ends: A starves") {
    auto& steps = r.s.model.threads[r.b].steps;
    steps[0].facts = {OperationEvent{OperationAction::begin, r.other}};
    steps[1].facts = {OperationEvent{OperationAction::end, r.other}};
    r.refused(around, 1, "an operation ends in the cycle");
    r.property = "no_starvation";
    r.valid(around, 1, "A never ends `zap`, while other operations end");
  }
  SUBCASE("A does not move: it starves") {
    for (Step& step : r.s.model.threads[r.a].steps) step.fairness = Fairness::none;
    const std::string only_b = "A idle retry, B a b, B b a";
    r.refused(only_b, 1, "no thread that moves in the cycle has an operation open");
    r.property = "no_starvation";
    r.valid(only_b, 1, "A waits for ever in `zap`");
  }
  SUBCASE("the operation has not begun") {
    for (Step& step : r.s.model.threads[r.a].steps) step.fairness = Fairness::none;
    r.property = "no_starvation";
    r.refused("B a b, B b a", 0, "no operation is open all the way round the cycle");
  }
  SUBCASE("nothing else ends and A moves: that is no starvation") {
    r.property = "no_starvation";
    r.refused(around, 1, "that is a livelock");
  }
}

TEST_CASE("an operation that ends and begins again does not starve") {
  Retrying r(Fairness::weak);
  r.property = "no_starvation";
  auto& steps = r.s.model.threads[r.a].steps;
  steps[1].facts = {OperationEvent{OperationAction::end, r.operation}};
  steps[2].facts = {OperationEvent{OperationAction::begin, r.operation}};
  r.refused(around, 1, "no operation is open all the way round the cycle");
}

TEST_CASE("a run may stop where no fair step is enabled, and starves what is open") {
  Retrying r(Fairness::weak);
  r.property = "no_starvation";
  r.refused("A idle retry", {},
            "the run cannot stop there: A retry -> pause (weak fair) is enabled at the end");
  for (Thread& thread : r.s.model.threads)
    for (Step& step : thread.steps) step.fairness = Fairness::none;
  r.valid("A idle retry", {}, "A never ends `zap`");
  r.refused("B a b", {}, "no operation is open at the end");
  r.refused("A idle retry, B a b, A retry finished", {}, "no operation is open at the end");
  r.property = "no_livelock";
  r.refused("A idle retry", {}, "a run that stops is no livelock");
}

TEST_CASE("leads_to is violated where what should come never comes again") {
  Retrying r(Fairness::weak);
  r.property = "always_done";
  r.valid(around, 1, "before step 1 the first condition holds, and never again the second");
  auto& steps = r.s.model.threads[r.b].steps;
  for (Step& step : steps) step.fairness = Fairness::none;
  r.refused("A idle retry, B a b, A retry finished", {}, "what should come comes again and again");
  // Asked for only before it came.
  const auto y = r.s.boolean("y", true);
  r.s.model.threads[r.a].steps[3].updates = {tests::set(y, truth(false))};
  r.s.claim("once", LeadsTo{r.s.read(y), conjunction(r.s.read(y), negation(r.s.read(y)))});
  r.property = "once";
  r.valid("A idle retry, B a b, A retry finished", {},
          "before step 1 the first condition holds, and never again the second");
  r.s.model.properties.back().claim = LeadsTo{negation(r.s.read(y)), r.s.read(y)};
  r.refused("", {}, "the run cannot stop there");
}

TEST_CASE("what a path violates, a lasso does not") {
  Retrying r(Fairness::weak);
  r.property = "never";
  r.refused(around, 1, "a violation of always is a path, not a lasso");
}

TEST_CASE("a run without a claim may have to be fair all the same") {
  Retrying r(Fairness::strong);
  const auto interpreter = r.s.interpreter();
  const auto trace = tests::trace_from_run(interpreter, "", tests::run_along(interpreter, around), 1);
  const auto valuation = defaults(r.s.model);
  CHECK(audit::replay_run(r.s.model, valuation, trace).valid);
  CHECK_FALSE(audit::replay_fair_run(r.s.model, valuation, trace).valid);
  r.s.model.threads[r.a].steps[3].fairness = Fairness::weak;
  CHECK(audit::replay_fair_run(r.s.model, valuation, trace).valid);
}

} // namespace replay_lasso_test
