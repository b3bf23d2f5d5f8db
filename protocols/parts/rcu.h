// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// RCU: read sections, synchronize_rcu(), call_rcu() and rcu_barrier(). Each callback is a thread of its own
// which sleeps until call() wakes it, waits for the readers that were there then, runs its body, and sleeps
// again. Several callbacks may be under way at once, in any order; the kernel runs those of one CPU in turn,
// so this allows more than the kernel does.
//
// An object that may be given to call() again before its callback ran needs a callback each: call() on one
// that is pending is the double call_rcu() that the kernel forbids; pending() lets a protocol claim that.

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
  // of its thread.
  Rcu(dsl::Protocol& protocol, const HostLockSpec& spec, const std::vector<Readers>& readers,
      const std::vector<std::string>& synchronizers, const std::vector<std::string>& callbacks,
      const std::string& grace_guard = {}, dsl::Location where = dsl::Location::current());
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

private:
  void grace_period_ends(dsl::StepWords& step, const std::string& waiter, dsl::Location where) const;

  HostLockSpec spec_;
  std::string grace_guard_;
  GracePeriods grace_;
  dsl::Lock lock_;
  std::map<std::string, dsl::Variable> pending_;
};

} // namespace tdxcheck::protocols
