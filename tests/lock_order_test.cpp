// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this two threads that take two locks in opposite order would pass as long as a third lock keeps
// them apart in every run that was seen, two readers would be called a deadlock, or a try would.
#include "graph/lock_order.h"
#include "run/run_check.h"
#include "run/run_conflicts.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace lock_order_test {

using namespace tdxcheck;
using namespace tdxcheck::model;

// Threads that take locks one inside the other, all of them inside `gate`, so that no run ever closes a
// cycle.
struct Nested {
  tests::Sketch s;
  std::vector<Id<Variable>> taken;
  int threads = 0;

  Nested() {
    for (const char* name : {"gate", "A", "B", "C"}) {
      Lock lock;
      lock.name = name;
      s.model.locks.add(lock);
      taken.push_back(s.boolean(name));
    }
    s.claim("lock_order", LockOrder{});
  }

  struct Use {
    std::uint32_t lock;
    LockAction action = LockAction::acquire;
    LockMode mode = LockMode::exclusive;
  };

  void add(const std::vector<Use>& uses) {
    std::string labels;
    for (std::size_t i = 0; i <= 2 * uses.size(); ++i)
      labels += "l" + std::to_string(i) + (i == 2 * uses.size() ? "*" : " ");
    const auto t = s.thread("t" + std::to_string(threads++), labels);
    const auto go = [&](std::size_t at, LockAction action, const Use& use) -> Step& {
      Step& step = s.step(t, "l" + std::to_string(at), "l" + std::to_string(at + 1));
      step.facts.emplace_back(LockEvent{action, {use.lock}, {}, use.mode});
      return step;
    };
    for (std::size_t i = 0; i < uses.size(); ++i) {
      Step& step = go(i, uses[i].action, uses[i]);
      if (uses[i].mode == LockMode::shared) continue; // enough for what is tested here
      step.guard = negation(s.read(taken[uses[i].lock]));
      step.updates = {tests::set(taken[uses[i].lock], truth(true))};
    }
    for (std::size_t i = uses.size(); i-- > 0;) {
      Step& step = go(2 * uses.size() - i - 1, LockAction::release, uses[i]);
      if (uses[i].mode == LockMode::exclusive) step.updates = {tests::set(taken[uses[i].lock], truth(false))};
    }
  }

  [[nodiscard]] run::Target target() const {
    return {"nested", s.model, defaults(s.model), defaults(s.model), {}, {}};
  }
  [[nodiscard]] result::PropertyResult judged() const {
    run::Request request;
    request.target = "nested";
    return run::run_check(target(), request, {}).properties.at(0);
  }
};

constexpr Nested::Use gate{0}, a{1}, b{2}, c{3};
constexpr Nested::Use shared(const Nested::Use& use) { return {use.lock, use.action, LockMode::shared}; }
constexpr Nested::Use tried(const Nested::Use& use) { return {use.lock, LockAction::try_acquire, use.mode}; }

TEST_CASE("two orders are a cycle although a third lock keeps every run from closing it") {
  Nested n;
  n.add({gate, a, b});
  n.add({gate, b, a});
  const auto judged = n.judged();
  CHECK(judged.verdict == result::Verdict::violated);
  CHECK(judged.detail == "possible circular locking dependency: A -> B -> A");
  // One run per edge, each ending with its acquisition.
  REQUIRE(judged.trace.has_value());
  REQUIRE(judged.paths.size() == 1);
  CHECK(judged.trace->steps.back().locks.at(0).lock == "B");
  CHECK(judged.paths[0].steps.back().locks.at(0).lock == "A");
  CHECK(judged.evidence.at(0).find("t0 acquires B while it holds A") == 0);
}

TEST_CASE("one order is no cycle, whoever keeps it") {
  Nested n;
  n.add({gate, a, b, c});
  n.add({a, c});
  n.add({b, c});
  CHECK(n.judged().verdict == result::Verdict::holds);
}

TEST_CASE("a cycle of three edges takes three runs") {
  Nested n;
  n.add({a, b});
  n.add({b, c});
  n.add({c, a});
  const auto judged = n.judged();
  CHECK(judged.detail == "possible circular locking dependency: A -> B -> C -> A");
  CHECK(judged.paths.size() == 2);
}

TEST_CASE("shared with shared is no edge that waits; shared with exclusive is") {
  Nested n;
  n.add({shared(a), b});
  n.add({b, shared(a)});
  CHECK(n.judged().verdict == result::Verdict::holds);
  Nested m;
  m.add({shared(a), b});
  m.add({b, a});
  CHECK(m.judged().verdict == result::Verdict::violated);
}

TEST_CASE(
    "a try does not wait: a cycle through one is no violation, and no note unless it is repeated for ever") {
  Nested n;
  n.add({a, tried(b)});
  n.add({b, a});
  const auto judged = n.judged();
  CHECK(judged.verdict == result::Verdict::holds);
  CHECK(judged.evidence.empty());
}

TEST_CASE("a try that is repeated without limit closes a cycle, which is a note") {
  Nested n;
  n.add({a, tried(b)});
  n.add({b, a});
  const auto loop = n.s.model.loops.add({"spin", {0}, {}, {}});
  auto& steps = n.s.model.threads[{0}].steps;
  steps[0].facts.emplace_back(LoopEvent{LoopAction::enter, loop});
  steps[1].facts.emplace_back(LoopEvent{LoopAction::leave, loop});
  Step& busy = n.s.step({0}, "l1", "l1");
  busy.guard = n.s.read(n.taken[2]);
  busy.facts = {LockEvent{LockAction::busy, {2}, {}, LockMode::exclusive},
                LoopEvent{LoopAction::again, loop}};
  const auto judged = n.judged();
  CHECK(judged.verdict == result::Verdict::holds);
  REQUIRE(judged.evidence.size() == 1);
  CHECK(judged.evidence[0] == "note: A -> B -> A is a cycle through a try that is repeated without limit");
}

TEST_CASE("the lock order is written as DOT, tries dashed") {
  Nested n;
  n.add({a, tried(b)});
  const std::string dot = run::lock_order_as_dot(n.target(), {});
  CHECK(dot.find("1->2") != std::string::npos);
  CHECK(dot.find("style=dashed") != std::string::npos);
  CHECK(run::control_flow_as_dot(n.target()).find("\"t0: l0\"") != std::string::npos);
}

} // namespace lock_order_test
