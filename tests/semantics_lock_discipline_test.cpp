// SPDX-License-Identifier: GPL-2.0-or-later
// The bug: a rule of lock_discipline is judged where the step happens, so that a thread which waits for its
// own lock for ever is never seen; or a rule fires a step too late.
#include "semantics/brute_force.h"
#include "tests/sample_models.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace semantics_lock_discipline_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using semantics::Judged;
using tests::Sketch;

struct Locks {
  Sketch s;
  Id<Lock> outer = add("outer", 1), inner = add("inner", 2), also_inner = add("also_inner", 2);
  Id<Thread> t = s.thread("t", "a b c d e*");

  Locks() {
    s.claim("lock_discipline", LockDiscipline{});
    s.model.locks[outer].sleeping = true;
  }
  Id<Lock> add(const std::string& name, int rank) {
    Lock lock;
    lock.name = name;
    lock.rank = rank;
    lock.kind = LockKind::rwlock;
    return s.model.locks.add(lock);
  }
  // The thread goes from label to label; each step does one of these, and the last leads to the end label.
  void run(const std::vector<Fact>& facts) {
    const std::string labels = "abcd";
    for (std::size_t i = 0; i < facts.size(); ++i)
      s.step(t, {labels[i]}, i + 1 == facts.size() ? "e" : std::string{labels[i + 1]}).facts = {facts[i]};
  }
  semantics::PlainVerdict verdict() const {
    return semantics::explore_plainly(s.interpreter(), 1000).properties.at(0);
  }
  // The rule that is broken, after so many steps.
  void check(const std::string& why, std::size_t depth) const {
    const auto found = verdict();
    CHECK(found.judged == Judged::violated);
    CHECK(found.why == why);
    CHECK(found.depth() == depth);
  }
};

LockEvent event(LockAction action, Id<Lock> lock, LockMode mode = LockMode::exclusive) {
  return {action, lock, {}, mode};
}
LockEvent acquire(Id<Lock> lock, LockMode mode = LockMode::exclusive) {
  return event(LockAction::acquire, lock, mode);
}
LockEvent release(Id<Lock> lock, LockMode mode = LockMode::exclusive) {
  return event(LockAction::release, lock, mode);
}
LockEvent tried(Id<Lock> lock, LockMode mode = LockMode::exclusive) {
  return event(LockAction::try_acquire, lock, mode);
}
LockEvent busy(Id<Lock> lock, LockMode mode = LockMode::exclusive) {
  return event(LockAction::busy, lock, mode);
}

constexpr auto shared = LockMode::shared;
constexpr auto exclusive = LockMode::exclusive;

TEST_CASE("locks taken in order and given back break nothing") {
  Locks l;
  l.run({acquire(l.outer), acquire(l.inner), release(l.inner), release(l.outer)});
  CHECK(l.verdict().judged == Judged::holds);
}

TEST_CASE("a thread about to acquire what it holds is wrong where it stands, though it can never go on") {
  Locks l;
  const auto taken = l.s.boolean("taken");
  Step& first = l.s.step(l.t, "a", "b");
  first.updates = {tests::set(taken, truth(true))};
  first.facts = {acquire(l.inner)};
  Step& second = l.s.step(l.t, "b", "e");
  second.guard = negation(l.s.read(taken));
  second.facts = {acquire(l.inner)};
  l.check("t acquires inner, which it holds itself", 1);
}

TEST_CASE("shared does not excuse acquiring twice") {
  Locks l;
  l.run({acquire(l.inner, shared), acquire(l.inner, shared)});
  l.check("t acquires inner, which it holds itself", 1);
}

TEST_CASE("trying what one holds oneself is wrong in the step, whether it is got or busy") {
  for (const bool got : {true, false}) {
    for (const auto& [first, second] :
         {std::pair{exclusive, exclusive}, {exclusive, shared}, {shared, exclusive}}) {
      Locks l;
      l.run({acquire(l.inner, first), got ? tried(l.inner, second) : busy(l.inner, second),
             release(l.inner, first)});
      l.check("t tries inner, which it holds itself", 2);
    }
  }
}

TEST_CASE("trying for a share of what one shares already is allowed") {
  Locks l;
  l.run({acquire(l.inner, shared), busy(l.inner, shared), release(l.inner, shared)});
  CHECK(l.verdict().judged == Judged::holds);
}

TEST_CASE("a release of what is not held, or not in that mode, is wrong in the step") {
  SUBCASE("not held") {
    Locks l;
    l.run({acquire(l.outer), release(l.inner)});
    l.check("t releases inner, which it does not hold", 2);
  }
  SUBCASE("not in that mode") {
    Locks l;
    l.run({acquire(l.inner, shared), release(l.inner)});
    l.check("t releases inner, which it does not hold in that mode", 2);
  }
  SUBCASE("twice") {
    Locks l;
    l.run({acquire(l.inner), release(l.inner), release(l.inner)});
    l.check("t releases inner, which it does not hold", 3);
  }
}

TEST_CASE("an end label is reached with nothing held and everything on") {
  SUBCASE("lock") {
    Locks l;
    l.run({acquire(l.inner), busy(l.outer)});
    l.check("t ends while it holds inner", 2);
  }
  SUBCASE("IRQs") {
    Locks l;
    l.run({ContextEvent{ContextAction::irqs_off}, acquire(l.inner), release(l.inner)});
    l.check("t ends with IRQs off", 3);
  }
  SUBCASE("preemption") {
    Locks l;
    l.run({ContextEvent{ContextAction::preempt_off}});
    l.check("t ends with preemption off", 1);
  }
}

TEST_CASE(
    "a lock that may sleep is not acquired with IRQs or preemption off or in an interrupt; others are") {
  const std::vector<std::pair<ContextAction, std::string>> ways = {
      {ContextAction::irqs_off, "with IRQs off"},
      {ContextAction::preempt_off, "with preemption off"},
      {ContextAction::irq_enter, "in an interrupt"}};
  for (const auto& [way, words] : ways) {
    Locks l;
    l.run({ContextEvent{way}, acquire(l.outer)});
    l.check("t acquires outer, which may sleep, " + words, 1);
  }
  Locks l;
  l.run({ContextEvent{ContextAction::irqs_off}, acquire(l.inner), release(l.inner),
         ContextEvent{ContextAction::irqs_on}});
  CHECK(l.verdict().judged == Judged::holds);
}

TEST_CASE("ranks ascend; of one rank only one class may be held, instances ascending") {
  SUBCASE("smaller after larger") {
    Locks l;
    l.run({acquire(l.inner), acquire(l.outer)});
    l.check("t acquires outer while it holds inner, against the documented order", 1);
  }
  SUBCASE("another class of the same rank") {
    Locks l;
    l.run({acquire(l.inner), acquire(l.also_inner)});
    l.check("t acquires also_inner while it holds inner, against the documented order", 1);
  }
  SUBCASE("tried, not waited for") {
    Locks l;
    l.run({acquire(l.inner), tried(l.outer), release(l.outer), release(l.inner)});
    CHECK(l.verdict().judged == Judged::holds);
  }
  SUBCASE("one class") {
    for (const bool ascending : {true, false}) {
      Locks l;
      const auto two = l.s.set("two", 2);
      const auto page = l.add("page", 3);
      l.s.model.locks[page].over = {two};
      LockEvent low = acquire(page), high = acquire(page), give_low = release(page),
                give_high = release(page);
      low.instance = give_low.instance = {literal({SortKind::index, two.value}, 0)};
      high.instance = give_high.instance = {literal({SortKind::index, two.value}, 1)};
      if (ascending) l.run({low, high, give_high, give_low});
      else l.run({high, low, give_low, give_high});
      if (ascending) CHECK(l.verdict().judged == Judged::holds);
      else l.check("t acquires page[0] while it holds page[1], against the documented order", 1);
    }
  }
}

TEST_CASE("what a thread holds does not bind another") {
  Locks l;
  l.run({acquire(l.inner), release(l.inner)});
  const auto u = l.s.thread("u", "a b c*");
  l.s.step(u, "a", "b").facts = {acquire(l.inner)};
  l.s.step(u, "b", "c").facts = {release(l.inner)};
  CHECK(l.verdict().judged == Judged::holds);
}

TEST_CASE("the nearest breach counts, be it at a label or in a step") {
  Locks l;
  l.run({busy(l.inner), busy(l.inner), acquire(l.inner), acquire(l.inner)}); // at a label, after three steps
  l.check("t acquires inner, which it holds itself", 3);
  l.s.step(l.t, "a", "e").facts = {release(l.inner)}; // in a step, the first
  l.check("t releases inner, which it does not hold", 1);
}

TEST_CASE("a loop that takes one more lock each time round is found out, not followed for ever") {
  Locks l;
  l.s.step(l.t, "a", "a").facts = {tried(l.inner)};
  l.check("t tries inner, which it holds itself", 2);
}

} // namespace semantics_lock_discipline_test
