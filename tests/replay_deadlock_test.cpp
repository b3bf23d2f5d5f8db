// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a state in which a thread merely waits is confirmed as a deadlock.
#include "audit/replay.h"
#include "tests/sketch.h"
#include "tests/trace_from_run.h"

#include <doctest/doctest.h>

namespace replay_deadlock_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

audit::ReplayResult replayed(const Sketch& s, const std::string& way) {
  const auto interpreter = s.interpreter();
  const auto trace = tests::trace_from_run(interpreter, "no_deadlock", tests::run_along(interpreter, way));
  return audit::replay(s.model, defaults(s.model), trace);
}

// A waits for x, which B may set, or may clear for good before it idles for ever.
Sketch waiting() {
  Sketch s;
  s.claim("no_deadlock", NoDeadlock{});
  const auto x = s.boolean("x");
  const auto a = s.thread("A", "a b*"), b = s.thread("B", "a idle set*");
  s.step(a, "a", "b").guard = s.read(x);
  s.step(b, "a", "set").updates = {tests::set(x, truth(true))};
  s.step(b, "a", "idle");
  s.step(b, "idle", "idle");
  return s;
}

TEST_CASE("a stop is confirmed where nothing can happen and a thread is not at its end") {
  Sketch s;
  s.claim("no_deadlock", NoDeadlock{});
  const auto t = s.thread("t", "a b end*");
  s.step(t, "a", "b");
  s.step(t, "a", "end");
  CHECK(replayed(s, "t a b").why == "nothing can happen, and t is not at its end");
  CHECK(replayed(s, "t a b").valid);
  CHECK_FALSE(replayed(s, "t a end").valid);
  CHECK(replayed(s, "t a end").why ==
        "`no_deadlock` is not violated: in the last state every thread is at an end label");
  CHECK_FALSE(replayed(s, "").valid);
}

TEST_CASE("a stuck thread is confirmed by trying out all that may follow") {
  const Sketch s = waiting();
  const auto stuck = replayed(s, "B a idle");
  CHECK_MESSAGE(stuck.valid, stuck.why);
  CHECK(stuck.why == "A can never take a step again");
  CHECK(stuck.caveat.empty());
  const auto waits = replayed(s, "");
  CHECK_FALSE(waits.valid);
  CHECK(waits.why.find("every thread that is not at its end may still take a step") != std::string::npos);
}

TEST_CASE("where there is too much to try out, the answer says what it could not confirm") {
  Sketch s = waiting();
  const auto b = s.model.threads.ids()[1];
  const auto n = s.number("n", 0, 300'000);
  Step& step = s.step(b, "idle", "idle");
  step.guard = binary(BinaryOp::less, s.read(n), integer(300'000));
  step.updates = {tests::set(n, binary(BinaryOp::add, s.read(n), integer(1)))};
  const auto result = replayed(s, "B a idle");
  CHECK(result.valid);
  CHECK(result.caveat == "that A never takes a step again could not be confirmed within 200000 states");
}

} // namespace replay_deadlock_test
