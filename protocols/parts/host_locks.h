// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Locks of the host kernel, as protocols take them.
//
//   Mutex, Spinlock   one holder; nobody is promised a turn before others
//   RwLock            the fair queued rwlock (qrwlock): a queued writer keeps new readers out. Waiting spins
//   with
//                     IRQs as the caller left them.
//   PercpuRwsem       cpu_hotplug_lock and its kind: likewise, but sleeping
//
// SRCU and RCU are in srcu.h and rcu.h.
//
// Left out: fairness between waiters beyond strong fairness of each acquisition, optimistic spinning,
// priority inheritance, trylock failures that are spurious.
//
// Each lock may carry a guard name: with --without NAME neither the acquisition nor the release happens.

#include <string>

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

struct HostLockSpec {
  std::string name; // as the kernel calls it
  std::string doc = {};
  std::optional<int> rank = {};        // place in the documented order: outer locks first
  std::string guard = {};              // named guard that the protocol relies on, or empty
  std::vector<dsl::IndexSet> per = {}; // one lock per member
};

// The body, as what the protocol relies on if `guard` is not empty.
void rely_on(dsl::Thread& t, const std::string& guard, const dsl::Body& body,
             dsl::Location where = dsl::Location::current());

// Mutex or spinlock: one bit.
class Mutex {
public:
  Mutex(dsl::Protocol& protocol, const HostLockSpec& spec, bool sleeping = true,
        dsl::Location where = dsl::Location::current());
  void lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  // The mutex is held at the end of `taken` unless `taken` unlocks it.
  void trylock(dsl::Thread& t, const dsl::Body& taken, const dsl::Body& contended,
               dsl::Location where = dsl::Location::current()) const;
  [[nodiscard]] Mutex of(const dsl::Expr& member) const;
  [[nodiscard]] const dsl::Variable& locked() const { return locked_; }

private:
  void relying(dsl::Thread& t, const dsl::Body& body, dsl::Location where) const;
  std::string name_, unlock_name_, guard_;
  dsl::Variable locked_;
  dsl::Lock lock_;
};

class RwLock {
public:
  // `readers` bounds how many may hold it shared, `writers` how many may queue for it, at once.
  RwLock(dsl::Protocol& protocol, const HostLockSpec& spec, const dsl::Expr& readers,
         const dsl::Expr& writers, bool sleeping = false, dsl::Location where = dsl::Location::current());
  void read_lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void read_unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void write_lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void write_unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;

private:
  void relying(dsl::Thread& t, const dsl::Body& body, dsl::Location where) const;
  std::string name_, guard_;
  dsl::Variable readers_, queued_, written_;
  dsl::Lock lock_;
};

} // namespace tdxcheck::protocols
