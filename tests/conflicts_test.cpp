// SPDX-License-Identifier: GPL-2.0-or-later
//
// Without this a conflict would be blamed on a thread that holds another instance or a mode that does not
// exclude, counted once per edge instead of once per state, or shown with a run that is not a shortest one.
#include "run/run_conflicts.h"
#include "tests/sketch.h"

#include <doctest/doctest.h>

namespace conflicts_test {

using namespace tdxcheck;
using namespace tdxcheck::model;

// `holder` takes the lock and gives it back; `newcomer` tries, is answered BUSY and tries again.
struct Trying {
  tests::Sketch s;
  Id<Thread> holder, newcomer;
  Id<Loop> loop;

  explicit Trying(LockMode held, LockMode wanted) {
    Lock lock;
    lock.name = "TDR";
    lock.module = true;
    s.model.locks.add(lock);
    const auto taken = s.boolean("TDR");
    holder = s.thread("holder", "out in done*");
    newcomer = s.thread("newcomer", "try done*");
    loop = s.model.loops.add({"again", newcomer, {}, {}});
    Step& take = s.step(holder, "out", "in");
    take.call = "TDH.MNG.INIT";
    take.updates = {tests::set(taken, truth(true))};
    take.facts = {LockEvent{LockAction::acquire, {0}, {}, held}};
    Step& give = s.step(holder, "in", "done");
    give.call = "TDH.MNG.INIT";
    give.updates = {tests::set(taken, truth(false))};
    give.facts = {LockEvent{LockAction::release, {0}, {}, held}};
    Step& busy = s.step(newcomer, "try", "try");
    busy.call = "TDH.VP.ENTER";
    busy.guard = s.read(taken);
    busy.facts = {LockEvent{LockAction::busy, {0}, {}, wanted}, LoopEvent{LoopAction::again, loop}};
    Step& free = s.step(newcomer, "try", "done");
    free.guard = negation(s.read(taken));
  }

  [[nodiscard]] result::ConflictsResult found() const {
    run::Request request;
    request.target = "trying";
    return run::run_conflicts({"trying", s.model, defaults(s.model), defaults(s.model), {}, {}}, request, {});
  }
};

TEST_CASE("a conflict names both threads, both calls and the lock, with a shortest run into it") {
  const auto found = Trying(LockMode::exclusive, LockMode::shared).found();
  REQUIRE(found.conflicts.size() == 1);
  const result::Conflict& conflict = found.conflicts[0];
  CHECK(conflict.holder == "TDH.MNG.INIT");
  CHECK(conflict.holder_thread == "holder");
  CHECK(conflict.newcomer == "TDH.VP.ENTER");
  CHECK(conflict.newcomer_thread == "newcomer");
  CHECK(conflict.lock == "TDR");
  CHECK(conflict.count == 1);
  CHECK(conflict.trace.steps.size() == 2);
  CHECK(found.idle_loops.empty());
}

TEST_CASE("whoever holds the lock in a mode that does not exclude is not blamed") {
  const auto found = Trying(LockMode::shared, LockMode::shared).found();
  REQUIRE(found.conflicts.size() == 1);
  CHECK(found.conflicts[0].holder_thread.empty());
}

TEST_CASE("a loop that is entered and never goes round is named") {
  Trying t(LockMode::exclusive, LockMode::shared);
  const auto idle = t.s.model.loops.add({"idle", t.holder, {}, {}});
  auto& steps = t.s.model.threads[t.holder].steps;
  steps[0].facts.emplace_back(LoopEvent{LoopAction::enter, idle});
  steps[1].facts.emplace_back(LoopEvent{LoopAction::leave, idle});
  CHECK(t.found().idle_loops == std::vector<std::string>{"holder: idle"});
}

} // namespace conflicts_test
