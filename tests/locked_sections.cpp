// SPDX-License-Identifier: GPL-2.0-or-later
//
// The part of ThreadWriter that takes locks, mostly as one should.
#include "tests/sample_models.h"
#include "tests/thread_writer.h"

#include <algorithm>

namespace tdxcheck::tests {

using namespace model;

bool ThreadWriter::can_share(Id<Lock> lock) const {
  const LockKind kind = all_.model.locks[lock].kind;
  return kind == LockKind::rwlock || kind == LockKind::rwsem;
}

ThreadWriter::LockUse ThreadWriter::some_lock() {
  const Id<Lock> id{static_cast<std::uint32_t>(dice_.below(all_.model.locks.size()))};
  LockUse use{id, {}, can_share(id) && dice_.chance(50) ? LockMode::shared : LockMode::exclusive};
  for (const auto set : all_.model.locks[id].over) {
    const bool own = thread().over == set && dice_.chance(60);
    use.instance.push_back(own ? self(set) : literal({SortKind::index, set.value}, 0));
  }
  return use;
}

VariableRef ThreadWriter::boolean_of(const LockUse& use) {
  return {all_.taken.at(use.lock.value), use.instance};
}

// Shared holders do not exclude each other here; that makes no difference to who holds what.
void ThreadWriter::take(const LockUse& use, LockAction action) {
  Step made = step(here_, fresh());
  const VariableRef boolean = boolean_of(use);
  made.guard = negation(read(all_.model, boolean.variable, boolean.at));
  if (use.mode == LockMode::exclusive && dice_.chance(95)) made.updates = {{boolean, truth(true)}};
  made.facts.emplace_back(LockEvent{action, use.lock, use.instance, use.mode});
  if (action == LockAction::acquire) {
    made.facts.emplace_back(WaitForLock{use.lock, use.instance, use.mode});
    made.fairness = Fairness::strong;
  }
  here_ = made.to;
  go(made);
  held_.push_back(use);
}

void ThreadWriter::give(const LockUse& use) {
  Step made = step(here_, fresh());
  if (use.mode == LockMode::exclusive) made.updates = {{boolean_of(use), truth(false)}};
  made.facts.emplace_back(LockEvent{LockAction::release, use.lock, use.instance, use.mode});
  here_ = made.to;
  go(made);
}

void ThreadWriter::locked(int depth) {
  const LockUse use = some_lock();
  // Twice the same lock is a mistake worth making, but not on one side of a branch only.
  const bool again = std::any_of(held_.begin(), held_.end(), [&](const LockUse& h) {
    return h.lock == use.lock && h.instance == use.instance;
  });
  if (again && (branches_ > 0 || !dice_.chance(20))) return plain();
  take(use, LockAction::acquire);
  sequence(dice_.between(0, 2), depth - 1);
  std::erase(held_, use);
  if (branches_ == 0 && dice_.chance(15)) return slip(use);
  give(use);
}

// On the straight line of a thread only, where no other way leads to the labels behind it.
void ThreadWriter::slip(const LockUse& use) {
  switch (dice_.below(3)) {
  case 0:
    give(use);
    give(use);
    return;
  case 1: {
    if (!can_share(use.lock)) break;
    LockUse other = use;
    other.mode = use.mode == LockMode::shared ? LockMode::exclusive : LockMode::shared;
    give(other);
    break;
  }
  default: break;
  }
  unbalanced_ = true; // the lock is still held
  held_.push_back(use);
}

void ThreadWriter::tried(int depth) {
  const LockUse use = some_lock();
  const bool again =
      std::any_of(held_.begin(), held_.end(), [&](const LockUse& h) { return h.lock == use.lock; });
  if (again) return plain();
  const Place from = here_, join = fresh();
  ++branches_;
  take(use, LockAction::try_acquire);
  sequence(dice_.between(0, 1), depth - 1);
  std::erase(held_, use);
  give(use);
  go(step(here_, join));
  --branches_;
  const VariableRef boolean = boolean_of(use);
  Step busy = step(from, join);
  busy.guard = read(all_.model, boolean.variable, boolean.at);
  busy.status = "OPERAND_BUSY";
  busy.facts.emplace_back(LockEvent{LockAction::busy, use.lock, use.instance, use.mode});
  go(busy);
  here_ = join;
}

} // namespace tdxcheck::tests
