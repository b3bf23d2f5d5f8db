// SPDX-License-Identifier: GPL-2.0-or-later
// Without these, a lock that one path to a label holds and another does not counts as held or free by chance,
// and lock_discipline is judged on the wrong set.
#include "model/label_context.h"
#include "tests/sample_models.h"

#include <doctest/doctest.h>

namespace model_label_context_test {

using namespace tdxcheck;
using namespace tdxcheck::model;
using namespace tdxcheck::tests;

constexpr Id<Lock> mutex{0}, page{1};

Source line(unsigned number) { return {"x.cpp", number}; }

// One thread with labels l0, l1, ... and two locks: mutex, and one page lock per member of `cpu`.
struct Sketch {
  Model model;
  std::vector<Problem> problems;
  Id<Variable> cursor;

  explicit Sketch(unsigned labels) {
    const auto cpu = model.sets.add({"cpu", integer(2), false, line(1)});
    Lock first, second;
    first.name = "mutex";
    second.name = "page";
    second.over = {cpu};
    model.locks.add(first);
    model.locks.add(second);
    Thread thread;
    thread.name = "t";
    for (unsigned i = 0; i < labels; ++i)
      thread.labels.add({"l" + std::to_string(i), Domain::host, false, line(i)});
    const auto id = model.threads.add(thread);
    cursor = model.variables.add({"t.i", {IndexType{cpu}, {}}, std::nullopt, LocalScope{id}, "", line(2)});
    model.operations.add({"op", id, {}, line(3)});
    model.loops.add({"loop", id, {}, line(4)});
  }

  Step& step(unsigned from, unsigned to, std::vector<Fact> facts = {}) {
    auto& steps = model.threads[{0}].steps;
    Step row;
    row.from = {from};
    row.to = {to};
    row.guard = truth(true);
    row.facts = std::move(facts);
    row.source = line(10 + static_cast<unsigned>(steps.size()));
    return steps.emplace_back(std::move(row));
  }

  std::vector<LabelContext> contexts() { return label_contexts(model, problems).at(0); }
  std::string said() {
    (void)contexts();
    return describe(problems);
  }
};

Fact takes(Id<Lock> lock, std::vector<Expr> instance = {}, LockMode mode = LockMode::exclusive) {
  return LockEvent{LockAction::acquire, lock, std::move(instance), mode};
}
Fact gives(Id<Lock> lock, std::vector<Expr> instance = {}, LockMode mode = LockMode::exclusive) {
  return LockEvent{LockAction::release, lock, std::move(instance), mode};
}
Expr member(Value value) { return literal({SortKind::index, 0}, value); }

TEST_CASE("a lock is held from the step that takes it to the step that releases it") {
  Sketch sketch(4);
  sketch.step(0, 1, {takes(mutex)});
  sketch.step(1, 2, {LockEvent{LockAction::try_acquire, page, {member(1)}, LockMode::shared}});
  sketch.step(2, 3, {gives(mutex), gives(page, {member(1)}, LockMode::shared)});
  const auto contexts = sketch.contexts();
  CHECK(sketch.problems.empty());
  CHECK(contexts[0].held.empty());
  CHECK(contexts[1].held == std::vector<HeldLock>{{mutex, {}, LockMode::exclusive}});
  CHECK(contexts[2].held ==
        std::vector<HeldLock>{{mutex, {}, LockMode::exclusive}, {page, {member(1)}, LockMode::shared}});
  CHECK(contexts[3].held.empty());
  CHECK(contexts[3].reached);
}

TEST_CASE("a lock that is busy is not held, and releasing what is not held changes nothing") {
  Sketch sketch(3);
  sketch.step(0, 1, {LockEvent{LockAction::busy, page, {member(0)}, LockMode::exclusive}, takes(mutex)});
  sketch.step(1, 2, {gives(mutex, {}, LockMode::shared), gives(page, {member(0)})});
  const auto contexts = sketch.contexts();
  CHECK(sketch.problems.empty());
  CHECK(contexts[2].held == std::vector<HeldLock>{{mutex, {}, LockMode::exclusive}});
}

TEST_CASE("interrupts, preemption, operations and loops are followed") {
  Sketch sketch(4);
  sketch.step(0, 1,
              {ContextEvent{ContextAction::irqs_off}, ContextEvent{ContextAction::preempt_off},
               OperationEvent{OperationAction::begin, {0}}});
  sketch.step(1, 2,
              {ContextEvent{ContextAction::irqs_on}, ContextEvent{ContextAction::irq_enter},
               LoopEvent{LoopAction::enter, {0}}});
  sketch.step(2, 2, {LoopEvent{LoopAction::again, {0}}});
  sketch.step(2, 3,
              {ContextEvent{ContextAction::preempt_on}, ContextEvent{ContextAction::irq_exit},
               LoopEvent{LoopAction::leave, {0}}, OperationEvent{OperationAction::end, {0}}});
  const auto contexts = sketch.contexts();
  CHECK(describe(sketch.problems) == "");
  CHECK(contexts[1] == LabelContext{true, {}, true, true, false, {{0}}, {}});
  CHECK(contexts[2] == LabelContext{true, {}, false, true, true, {{0}}, {{0}}});
  CHECK(contexts[3] == LabelContext{true, {}, false, false, false, {}, {}});
}

TEST_CASE("a label that control flow does not reach has no context") {
  Sketch sketch(3);
  sketch.step(0, 1);
  sketch.step(1, 2, {takes(mutex)}).guard = truth(false);
  const auto contexts = sketch.contexts();
  CHECK(contexts[1].reached);
  CHECK_FALSE(contexts[2].reached);
}

TEST_CASE("a label reached with two contexts is a problem of the step that brings the second") {
  Sketch sketch(3);
  sketch.step(0, 1, {takes(mutex)});
  sketch.step(0, 1);
  CHECK(sketch.said() ==
        "x.cpp:11: the label `l1` of the thread `t` is reached holding mutex, and by this step with "
        "nothing held or open");
  Sketch context(2);
  context.step(0, 1, {ContextEvent{ContextAction::irqs_off}});
  context.step(0, 1, {OperationEvent{OperationAction::begin, {0}}, LoopEvent{LoopAction::enter, {0}}});
  CHECK(context.said() ==
        "x.cpp:11: the label `l1` of the thread `t` is reached IRQs off, and by this step in "
        "operation op, in loop loop");
  Sketch mode(2);
  mode.step(0, 1, {takes(mutex)});
  mode.step(0, 1, {takes(mutex, {}, LockMode::shared)});
  CHECK(mode.problems.size() == 0);
  CHECK(mode.said().find("holding mutex, and by this step holding mutex (shared)") != std::string::npos);
}

TEST_CASE("the order in which locks were taken makes no difference") {
  Sketch sketch(4);
  sketch.step(0, 1, {takes(mutex)});
  sketch.step(1, 3, {takes(page, {member(0)})});
  sketch.step(0, 2, {takes(page, {member(0)})});
  sketch.step(2, 3, {takes(mutex)});
  CHECK(sketch.said() == "");
}

TEST_CASE("a loop that takes a lock and never releases it is noticed at its head, and the pass ends") {
  Sketch sketch(2);
  sketch.step(0, 1, {takes(mutex)});
  sketch.step(1, 0);
  CHECK(sketch.said() ==
        "x.cpp:11: the label `l0` of the thread `t` is reached with nothing held or open, and by this "
        "step holding mutex");
  Sketch itself(1);
  itself.step(0, 0, {takes(mutex)});
  CHECK(itself.said().find("the label `l0`") != std::string::npos);
}

TEST_CASE("a held instance must go on naming the same lock") {
  Sketch moved(3);
  const Expr cursor = read(moved.model, moved.cursor);
  moved.step(0, 1, {takes(page, {cursor})});
  moved.step(1, 2).updates = {{{moved.cursor, {}}, member(1)}};
  CHECK(moved.said() == "x.cpp:11: the step changes what the lock page[t.i] depends on while it is held");

  Sketch at_once(3);
  at_once.step(0, 1, {takes(page, {cursor})}).updates = {{{at_once.cursor, {}}, member(1)}};
  CHECK(at_once.said().starts_with("x.cpp:10: the step changes what the lock page[t.i] depends on"));

  Sketch released(3);
  released.step(0, 1, {takes(page, {cursor})});
  released.step(1, 2, {gives(page, {cursor})}).updates = {{{released.cursor, {}}, member(1)}};
  CHECK(released.said() == "");

  Sketch chosen(2);
  const BoundName c{1, "c"};
  Step& step = chosen.step(0, 1, {takes(page, {bound(c, {0})})});
  step.choices = {{c, {0}}};
  CHECK(chosen.said() ==
        "x.cpp:10: the lock page[c] is named by a choice of the step, which is forgotten after it");
}

TEST_CASE("operations and loops are opened and closed in turn") {
  Sketch twice(2);
  twice.step(0, 1,
             {OperationEvent{OperationAction::begin, {0}}, OperationEvent{OperationAction::begin, {0}}});
  CHECK(twice.said() == "x.cpp:10: the operation `op` is begun inside itself");
  Sketch never(2);
  never.step(0, 1, {LoopEvent{LoopAction::leave, {0}}});
  CHECK(never.said() == "x.cpp:10: the loop `loop` is left where it is not open");
}

} // namespace model_label_context_test
