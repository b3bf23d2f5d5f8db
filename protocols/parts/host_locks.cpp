// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

using dsl::exclusive;
using dsl::Location;
using dsl::shared;
using dsl::Thread;

namespace {

dsl::Variable per_member(dsl::Protocol& protocol, const HostLockSpec& spec, const std::string& suffix,
                         const dsl::Type& type, const dsl::Expr& initial, Location where) {
  const std::string name = spec.name + suffix;
  if (spec.per.empty()) return protocol.variable(name, type, initial, spec.doc, where);
  return protocol.variable(name, spec.per.front(), type, initial, spec.doc, where);
}

} // namespace

void rely_on(Thread& t, const std::string& guard, const dsl::Body& body, Location where) {
  if (guard.empty()) {
    body();
  } else {
    t.relying_on(guard, "", body, where);
  }
}

// ---- Mutex ----

Mutex::Mutex(dsl::Protocol& protocol, const HostLockSpec& spec, bool sleeping, Location where)
    : name_((sleeping ? "mutex_lock(" : "spin_lock(") + spec.name + ")"),
      unlock_name_((sleeping ? "mutex_unlock(" : "spin_unlock(") + spec.name + ")"),
      guard_(spec.guard),
      locked_(per_member(protocol, spec, "", dsl::boolean(), false, where)),
      lock_(protocol.lock({.name = spec.name,
                           .over = spec.per,
                           .kind = sleeping ? model::LockKind::mutex : model::LockKind::spinlock,
                           .sleeping = sleeping,
                           .rank = spec.rank,
                           .doc = spec.doc},
                          where)) {}

Mutex Mutex::of(const dsl::Expr& member) const {
  Mutex one = *this;
  one.locked_ = locked_[member];
  one.lock_ = lock_[member];
  return one;
}

void Mutex::relying(Thread& t, const dsl::Body& body, Location where) const {
  rely_on(t, guard_, body, where);
}

void Mutex::lock(Thread& t, Location where) const {
  relying(
      t, [&] { t.step(name_, where).when(!locked_).set(locked_, true).acquires(lock_, exclusive); }, where);
}

void Mutex::unlock(Thread& t, Location where) const {
  relying(
      t, [&] { t.step(unlock_name_, where).set(locked_, false).releases(lock_, exclusive); }, where);
}

void Mutex::trylock(Thread& t, const dsl::Body& taken, const dsl::Body& contended, Location where) const {
  const std::string name = "mutex_trylock(" + name_.substr(name_.find('(') + 1);
  t.one_of({[&] {
              t.step(name, where).when(!locked_).set(locked_, true).tries(lock_, exclusive).answers("1");
              taken();
            },
            [&] {
              t.step(name, where).when(locked_).finds_busy(lock_, exclusive).answers("0");
              contended();
            }},
           where);
}

// ---- RwLock ----

RwLock::RwLock(dsl::Protocol& protocol, const HostLockSpec& spec, const dsl::Expr& readers,
               const dsl::Expr& writers, bool sleeping, Location where)
    : name_(spec.name),
      guard_(spec.guard),
      readers_(per_member(protocol, spec, ".readers", dsl::integer(0, readers), 0, where)),
      queued_(per_member(protocol, spec, ".queued_writers", dsl::integer(0, writers), 0, where)),
      written_(per_member(protocol, spec, ".writer", dsl::boolean(), false, where)),
      lock_(protocol.lock({.name = spec.name,
                           .over = spec.per,
                           .kind = sleeping ? model::LockKind::rwsem : model::LockKind::rwlock,
                           .sleeping = sleeping,
                           .rank = spec.rank,
                           .doc = spec.doc},
                          where)) {}

void RwLock::relying(Thread& t, const dsl::Body& body, Location where) const {
  rely_on(t, guard_, body, where);
}

void RwLock::read_lock(Thread& t, Location where) const {
  relying(
      t,
      [&] {
        t.step("read_lock(" + name_ + ")", where)
            .when(!written_ && queued_ == 0)
            .set(readers_, readers_ + 1)
            .acquires(lock_, shared);
      },
      where);
}

void RwLock::read_unlock(Thread& t, Location where) const {
  relying(
      t,
      [&] {
        t.step("read_unlock(" + name_ + ")", where).set(readers_, readers_ - 1).releases(lock_, shared);
      },
      where);
}

// One step where the lock is free; otherwise the writer queues first, and from then on new readers wait.
void RwLock::write_lock(Thread& t, Location where) const {
  const dsl::Expr is_free = !written_ && readers_ == 0 && queued_ == 0;
  relying(
      t,
      [&] {
        t.one_of(
            {[&] {
               t.step("write_lock(" + name_ + ")", where)
                   .when(is_free)
                   .set(written_, true)
                   .acquires(lock_, exclusive);
             },
             [&] {
               t.step("write_lock(" + name_ + ") queues", where).when(!is_free).set(queued_, queued_ + 1);
               t.step("write_lock(" + name_ + ") gets it", where)
                   .when(!written_ && readers_ == 0)
                   .set(queued_, queued_ - 1)
                   .set(written_, true)
                   .acquires(lock_, exclusive);
             }},
            where);
      },
      where);
}

void RwLock::write_unlock(Thread& t, Location where) const {
  relying(
      t,
      [&] { t.step("write_unlock(" + name_ + ")", where).set(written_, false).releases(lock_, exclusive); },
      where);
}

} // namespace tdxcheck::protocols
