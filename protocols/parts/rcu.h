// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// RCU: read sections, synchronize_rcu(), call_rcu() and rcu_barrier(). Each callback is a thread of its own
// which sleeps until call() wakes it, waits for the readers that were there then, runs its body, and sleeps
// again. Several callbacks may be under way at once, in any order; the kernel runs those of one CPU in turn,
// so this allows more than the kernel does.
//
// Giving the same object to call_rcu() again before its callback ran is what the kernel forbids; pending()
// lets a protocol claim that it does not happen.
//
// Objects of one kind share a callback (ObjectsToFree): objects that are given away while a grace period runs
// wait for the next one, as in the kernel, where grace periods follow each other and never overlap.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "protocols/parts/grace_period.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class Rcu {
public:
  // `spec.guard` drops the read sections; `grace_guard` the waiting for them. A callback's name is the name
  // of its thread; `kinds` are callbacks that free objects, see objects_to_free().
  Rcu(dsl::Protocol& protocol, const HostLockSpec& spec, const std::vector<Readers>& readers,
      const std::vector<std::string>& synchronizers, const std::vector<std::string>& callbacks,
      const std::vector<std::string>& kinds = {}, const std::string& grace_guard = {},
      dsl::Location where = dsl::Location::current());
  void read_lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void read_unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void synchronize(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  // call_rcu(): one step; `also` adds to it.
  void call(dsl::Thread& t, const std::string& callback,
            const std::function<void(dsl::StepWords&)>& also = {},
            dsl::Location where = dsl::Location::current()) const;
  // rcu_barrier(): every callback that was pending has returned.
  void barrier(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  // The thread of a callback. Its body runs at most once per call().
  void declare_callback(dsl::Protocol& protocol, const std::string& callback,
                        const std::function<void(dsl::Thread&)>& body, const std::string& doc = {},
                        dsl::Location where = dsl::Location::current()) const;
  [[nodiscard]] dsl::Expr pending(const std::string& callback) const { return pending_.at(callback); }
  [[nodiscard]] const GracePeriods& grace() const { return grace_; }

  // Objects of one kind that call_rcu() frees, one step per object.
  struct ObjectsToFree {
    std::string callback;
    dsl::IndexSet objects;
    dsl::Variable queued, waiting; // subsets: for the next grace period, for this one
    [[nodiscard]] dsl::Expr pending(const dsl::Expr& object) const {
      return contains(queued, object) || contains(waiting, object);
    }
    // Part of the step that gives `object` away.
    void call(dsl::StepWords& step, const dsl::Expr& object) const { step.set(queued, with(queued, object)); }
    // rcu_barrier()
    void barrier(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  };
  // `callback` is one of the constructor's `kinds`.
  [[nodiscard]] ObjectsToFree objects_to_free(dsl::Protocol& protocol, const std::string& callback,
                                              const dsl::IndexSet& objects,
                                              dsl::Location where = dsl::Location::current()) const;
  void declare_callback(dsl::Protocol& protocol, const ObjectsToFree& kind,
                        const std::function<void(dsl::StepWords&, const dsl::Expr& object)>& free_one,
                        const std::string& doc = {}, dsl::Location where = dsl::Location::current()) const;

private:
  void grace_period_ends(dsl::StepWords& step, const std::string& waiter, dsl::Location where) const;

  HostLockSpec spec_;
  std::string grace_guard_;
  GracePeriods grace_;
  dsl::Lock lock_;
  std::map<std::string, dsl::Variable> pending_;
};

} // namespace tdxcheck::protocols
