// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a claim is confirmed as violated by looking at what an engine said about it.
#include "audit/replay.h"
#include "tests/sketch.h"
#include "tests/trace_from_run.h"

#include <doctest/doctest.h>

namespace replay_claims_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using tests::Sketch;

audit::ReplayResult replayed(const Sketch& s, const std::string& way) {
  const auto interpreter = s.interpreter();
  const auto trace =
      tests::trace_from_run(interpreter, s.model.properties.at(0).name, tests::run_along(interpreter, way));
  return audit::replay(s.model, defaults(s.model), trace);
}

void valid(const Sketch& s, const std::string& way, const std::string& why) {
  const auto result = replayed(s, way);
  CHECK_MESSAGE(result.valid, result.why);
  CHECK(result.why == why);
}

void refused(const Sketch& s, const std::string& way, const std::string& why) {
  const auto result = replayed(s, way);
  CHECK_FALSE(result.valid);
  CHECK_MESSAGE(result.why.find(why) != std::string::npos, result.why);
}

TEST_CASE("an assertion fails in the last step, and under its own name") {
  Sketch s;
  s.claim("fine", Asserted{});
  s.claim("other", Asserted{});
  const auto t = s.thread("t", "a b c d*");
  s.step(t, "a", "b").facts = {Assertion{"other", truth(false), "another thing"}};
  s.step(t, "b", "c").facts = {Assertion{"fine", truth(false), "it is fine"}};
  s.step(t, "c", "d");
  valid(s, "t a b, t b c", "it is fine");
  refused(s, "t a b", "the last step fails no assertion of that name");
  refused(s, "t a b, t b c, t c d", "the last step fails no assertion of that name");
  refused(s, "", "the last step fails no assertion of that name");
}

TEST_CASE("what is held is learnt from the steps of the trace") {
  Sketch s;
  s.claim("lock_discipline", LockDiscipline{});
  Lock lock;
  lock.name = "lock";
  const auto l = s.model.locks.add(lock);
  const auto t = s.thread("t", "a b c d e*");
  const auto u = s.thread("u", "a b*");
  s.step(t, "a", "b").facts = {LockEvent{LockAction::acquire, l, {}, LockMode::exclusive}};
  s.step(t, "b", "c").facts = {LockEvent{LockAction::release, l, {}, LockMode::exclusive}};
  s.step(t, "c", "d").facts = {LockEvent{LockAction::release, l, {}, LockMode::exclusive}};
  Step& never = s.step(t, "d", "e");
  never.guard = truth(true);
  never.facts = {LockEvent{LockAction::acquire, l, {}, LockMode::exclusive}};
  s.step(u, "a", "b");
  valid(s, "t a b, t b c, u a b, t c d", "t releases lock, which it does not hold");
  refused(s, "t a b, t b c", "neither the last step nor the last state breaks it");
  refused(s, "t a b, t b c, t c d, u a b", "neither the last step nor the last state breaks it");
  valid(s, "t a b, t b c, t c d, t d e", "t ends while it holds lock");
}

TEST_CASE("retries are counted since the loop was entered, and the last step goes round once too often") {
  Sketch s;
  const auto t = s.thread("t", "out in end*");
  const auto loop = s.model.loops.add({"block", t, {}, {}});
  s.step(t, "out", "in").facts = {LoopEvent{LoopAction::enter, loop}};
  s.step(t, "in", "in").facts = {LoopEvent{LoopAction::again, loop}};
  s.step(t, "in", "out").facts = {LoopEvent{LoopAction::leave, loop}};
  s.claim("retries", Retries{loop, integer(1)});
  valid(s, "t out in, t in in, t in in", "the loop `block` goes round 2 times");
  refused(s, "t out in, t in in", "does not take the loop `block` round more than 1 times");
  refused(s, "t out in, t in in, t in out, t out in, t in in", "more than 1 times");
  refused(s, "t out in, t in in, t in in, t in out", "more than 1 times");
  refused(s, "", "no step was taken");
  s.model.properties[0].claim = Retries{loop, integer(unlimited)};
  refused(s, "t out in, t in in, t in in", "more than");
}

TEST_CASE("a round that the silent tail leaves at once counts all the same") {
  Sketch s;
  const auto t = s.thread("t", "out in head end*");
  const auto n = s.local(t, "n", 0, 1);
  const auto loop = s.model.loops.add({"block", t, {}, {}});
  s.step(t, "out", "in").facts = {LoopEvent{LoopAction::enter, loop}};
  Step& again = s.step(t, "in", "head");
  again.updates = {tests::set(n, integer(1))};
  again.facts = {LoopEvent{LoopAction::again, loop}};
  s.silent(t, "head", "end").facts = {LoopEvent{LoopAction::leave, loop}};
  s.claim("retries", Retries{loop, integer(0)});
  valid(s, "t out in, t in end", "the loop `block` goes round 1 times");
}

TEST_CASE("what is recoverable is tried out from the last state on") {
  Sketch s;
  const auto x = s.boolean("x");
  const auto t = s.thread("t", "a b good* bad*");
  s.step(t, "a", "b");
  s.step(t, "b", "bad");
  s.step(t, "b", "good").updates = {tests::set(x, truth(true))};
  s.claim("recoverable", Recoverable{s.read(x)});
  valid(s, "t a b, t b bad", "no continuation satisfies the condition");
  refused(s, "t a b", "the condition can still be reached from the last state");
  refused(s, "t a b, t b good", "the condition can still be reached from the last state");
}

TEST_CASE("a counter breaks its claim in the last state") {
  Sketch s;
  const auto count = s.number("count", 0, 2), held = s.number("held", 0, 2);
  const auto t = s.thread("t", "a b c d*");
  s.step(t, "a", "b").updates = {tests::set(count, integer(1))};
  s.step(t, "b", "c").updates = {tests::set(held, integer(1))};
  s.step(t, "c", "d");
  s.claim("balanced", Balanced{s.model.counters.add({"count", s.read(count), s.read(held), {}, {}})});
  valid(s, "t a b", "`count` is 1, and 0 hold it");
  refused(s, "t a b, t b c", "in the last state `count` is 1, which is how many hold it");
  valid(s, "t a b, t b c, t c d", "all threads are at their ends, and `count` is 1");
}

TEST_CASE("absence cannot be shown by a run, and a cycle of lock edges not by one") {
  Sketch s;
  s.thread("t", "a*");
  s.claim("sometimes", Sometimes{truth(false)});
  refused(s, "", "cannot be shown by a run");
  s.model.properties[0].claim = LockOrder{};
  const auto result = replayed(s, "");
  CHECK(result.valid);
  CHECK_FALSE(result.caveat.empty());
}

} // namespace replay_claims_test
