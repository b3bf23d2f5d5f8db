// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a deadlock would be found, and its reader left alone with forty cells.
#include "explore/check.h"
#include "lower/instantiate.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace deadlock_is_described_test {

using namespace tdxcheck;
using model::Expr;
using model::LockAction;
using model::truth;
using Lines = std::vector<std::string>;

struct Locked {
  tests::Sketch s;
  model::Id<model::Lock> lock(const std::string& name) {
    model::Lock row;
    row.name = name;
    return s.model.locks.add(row);
  }
  // Blocks until `taken` is false.
  void acquire(model::Id<model::Thread> t, const std::string& from, const std::string& to,
               model::Id<model::Lock> lock, model::Id<model::Variable> taken) {
    auto& step = s.step(t, from, to);
    step.guard = model::negation(s.read(taken));
    step.updates = {tests::set(taken, truth(true))};
    step.facts = {model::LockEvent{LockAction::acquire, lock, {}}, model::WaitForLock{lock, {}}};
  }
  void release(model::Id<model::Thread> t, const std::string& from, const std::string& to,
               model::Id<model::Lock> lock, model::Id<model::Variable> taken) {
    auto& step = s.step(t, from, to);
    step.updates = {tests::set(taken, truth(false))};
    step.facts = {model::LockEvent{LockAction::release, lock, {}}};
  }
};

const result::PropertyResult& no_deadlock(const result::CheckResult& result) {
  return result.properties.front();
}

result::CheckResult check(tests::Sketch& sketch) {
  sketch.model.properties.insert(sketch.model.properties.begin(),
                                 {"no_deadlock", model::NoDeadlock{}, {}, "", {}});
  const model::Valuation valuation = model::defaults(sketch.model);
  return explore::check(sketch.model, valuation, lower::instantiate(sketch.model, valuation), {});
}

TEST_CASE("two locks taken in opposite orders are shown as a cycle of holders") {
  Locked m;
  const auto a = m.lock("a_lock"), b = m.lock("b_lock");
  const auto a_taken = m.s.boolean("a_taken"), b_taken = m.s.boolean("b_taken");
  const auto t0 = m.s.thread("T0", "idle has_a has_both end*"),
             t1 = m.s.thread("T1", "idle has_b has_both end*");
  m.acquire(t0, "idle", "has_a", a, a_taken);
  m.acquire(t0, "has_a", "has_both", b, b_taken);
  m.acquire(t1, "idle", "has_b", b, b_taken);
  m.acquire(t1, "has_b", "has_both", a, a_taken);
  m.release(t0, "has_both", "end", a, a_taken);
  m.release(t1, "has_both", "end", b, b_taken);
  const auto result = check(m.s);
  CHECK(no_deadlock(result).verdict == result::Verdict::violated);
  CHECK(no_deadlock(result).detail == "after 2 steps: nothing can happen, and T0 is not at its end");
  CHECK(no_deadlock(result).evidence == Lines{"T0 at has_a waits for b_lock, held by T1 (at has_b)",
                                              "T1 at has_b waits for a_lock, held by T0 (at has_a)",
                                              "T0 -> T1 -> T0"});
}

TEST_CASE("a thread that waits for its own lock is a cycle of one") {
  Locked m;
  const auto lock = m.lock("lock");
  const auto taken = m.s.boolean("taken");
  const auto t = m.s.thread("T0", "idle inside again end*");
  m.acquire(t, "idle", "inside", lock, taken);
  m.acquire(t, "inside", "again", lock, taken);
  m.release(t, "again", "end", lock, taken);
  const auto result = check(m.s);
  CHECK(no_deadlock(result).evidence ==
        Lines{"T0 at inside waits for lock, held by T0 (at inside)", "T0 -> T0"});
}

TEST_CASE("a wait through an interrupt that is kept off is shown as a cycle") {
  tests::Sketch s;
  const auto cpus = s.set("cpu", 1);
  const Expr first = model::literal({model::SortKind::index, cpus.value}, 0);
  const auto done = s.boolean("done"), irqs_on = s.boolean("irqs_on", true);
  const auto t0 = s.thread("T0", "start waits end*");
  const auto ipi = s.thread("ipi", "idle handled*", cpus);
  s.model.threads[t0].cpu = first;
  auto& off = s.step(t0, "start", "waits");
  off.updates = {tests::set(irqs_on, truth(false))};
  off.facts = {model::ContextEvent{model::ContextAction::irqs_off}};
  auto& wait = s.step(t0, "waits", "end");
  wait.guard = s.read(done);
  const model::BoundName other{7, "c"};
  wait.facts = {model::WaitForThreads{ipi, other, truth(true), "the IPI to be handled"},
                model::ContextEvent{model::ContextAction::irqs_on}};
  auto& handler = s.step(ipi, "idle", "handled");
  handler.guard = s.read(irqs_on);
  handler.updates = {tests::set(done, truth(true))};
  handler.facts = {model::WaitForCpu{tests::self(cpus)}};
  const auto result = check(s);
  CHECK(no_deadlock(result).evidence == Lines{"T0 at waits waits for ipi[0] (at idle): the IPI to be handled",
                                              "ipi[0] at idle waits for pCPU 0, kept by T0 (at waits)",
                                              "T0 -> ipi[0] -> T0"});
}

TEST_CASE("a step that says nothing about its wait is shown with what it needs") {
  tests::Sketch s;
  const auto x = s.boolean("x");
  const auto t = s.thread("T0", "a b*");
  s.step(t, "a", "b").guard = s.read(x);
  s.model.threads[t].steps.back().text = "wait for x";
  const auto u = s.thread("T1", "a nowhere");
  s.step(u, "a", "nowhere");
  const auto result = check(s);
  CHECK(no_deadlock(result).evidence == Lines{"T0 at a cannot do `wait for x`, which needs x"});
  CHECK(no_deadlock(result).trace->steps.empty());
}

TEST_CASE("a thread that is stuck while others run for ever is a deadlock, its reader is told whose") {
  tests::Sketch s;
  const auto x = s.boolean("x"), y = s.boolean("y");
  const auto t = s.thread("T0", "a b*"), u = s.thread("T1", "loop*");
  s.step(t, "a", "b").guard = s.read(x);
  s.step(u, "loop", "loop").updates = {tests::set(y, model::negation(s.read(y)))};
  const auto result = check(s);
  CHECK(no_deadlock(result).verdict == result::Verdict::violated);
  CHECK(no_deadlock(result).detail == "before the first step: T0 can never take a step again");
  CHECK(result.complete);
}

} // namespace deadlock_is_described_test
