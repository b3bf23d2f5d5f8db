// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The vcpu->mutex of each vCPU: an ioctl on a vCPU holds its own, some ioctls hold all of them. All are taken
// in one step: whoever holds a single one waits for no other, so nothing depends on the order in which the
// others are collected. For the lock rules this is one lock, held shared or exclusive.

#include "dsl/dsl.h"

namespace tdxcheck::protocols {

class VcpuMutexes {
public:
  // `modelled`, over parameters: somebody takes all of them. Otherwise a vCPU's own thread is alone.
  VcpuMutexes(dsl::Protocol& protocol, const dsl::IndexSet& vcpus, const dsl::Expr& modelled);

  void lock(dsl::Thread& t, const dsl::Expr& vcpu, dsl::Location where = dsl::Location::current()) const;
  void unlock(dsl::Thread& t, const dsl::Expr& vcpu, dsl::Location where = dsl::Location::current()) const;
  void lock_all(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  // Those of the vCPUs for which `counts` holds. One of two ways: goes on in `taken`, or in `contended`.
  void trylock_all(dsl::Thread& t, const dsl::Predicate& counts, const dsl::Body& taken,
                   const dsl::Body& contended, dsl::Location where = dsl::Location::current()) const;
  void unlock_all(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;

private:
  dsl::IndexSet vcpus_;
  dsl::Expr modelled_;
  dsl::Variable own_; // [vcpu]
  dsl::Variable all_;
  dsl::Lock lock_;
};

} // namespace tdxcheck::protocols
