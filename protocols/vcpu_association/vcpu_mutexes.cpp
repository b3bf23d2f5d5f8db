// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/vcpu_association/vcpu_mutexes.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::when;

VcpuMutexes::VcpuMutexes(dsl::Protocol& protocol, const dsl::IndexSet& vcpus, const Expr& modelled)
    : vcpus_(vcpus),
      modelled_(modelled),
      own_(protocol.variable("vcpu->mutex", vcpus, dsl::boolean(), false, "held by an ioctl on that vCPU")),
      all_(
          protocol.variable("all_vcpu_mutexes", dsl::boolean(), false, "all of them are held by one thread")),
      lock_(protocol.lock({.name = "vcpu->mutex",
                           .kind = model::LockKind::rwsem,
                           .sleeping = true,
                           .rank = 10,
                           .doc = "shared: that of one vCPU; exclusive: those of all"})) {}

void VcpuMutexes::lock(Thread& t, const Expr& v, Location where) const {
  when(modelled_, where).then([&] {
    t.step("mutex_lock(vcpu->mutex)", where)
        .when(!own_[v] && !all_)
        .set(own_[v], true)
        .acquires(lock_, dsl::shared);
  });
}

void VcpuMutexes::unlock(Thread& t, const Expr& v, Location where) const {
  when(modelled_, where).then([&] {
    t.step("mutex_unlock(vcpu->mutex)", where).set(own_[v], false).releases(lock_, dsl::shared);
  });
}

void VcpuMutexes::lock_all(Thread& t, Location where) const {
  t.step("kvm_lock_all_vcpus()", where)
      .when(!all_ && dsl::for_all(vcpus_, "v", [&](const Expr& v) { return !own_[v]; }))
      .set(all_, true)
      .acquires(lock_, dsl::exclusive);
}

void VcpuMutexes::trylock_all(Thread& t, const dsl::Predicate& counts, const dsl::Body& taken,
                              const dsl::Body& contended, Location where) const {
  const Expr busy = all_ || dsl::exists(vcpus_, "v", [&](const Expr& v) { return own_[v] && counts(v); });
  t.one_of({[&] {
              t.step("kvm_trylock_all_vcpus()", where)
                  .when(!busy)
                  .set(all_, true)
                  .tries(lock_, dsl::exclusive)
                  .answers("0");
              taken();
            },
            [&] {
              t.step("kvm_trylock_all_vcpus()", where)
                  .when(busy)
                  .finds_busy(lock_, dsl::exclusive)
                  .answers("-EINTR");
              contended();
            }},
           where);
}

void VcpuMutexes::unlock_all(Thread& t, Location where) const {
  t.step("kvm_unlock_all_vcpus()", where).set(all_, false).releases(lock_, dsl::exclusive);
}

} // namespace tdxcheck::protocols
