// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/srcu.h"

namespace tdxcheck::protocols {

using dsl::Location;
using dsl::Thread;

Srcu::Srcu(dsl::Protocol& protocol, const HostLockSpec& spec, const std::vector<Readers>& readers,
           const std::vector<std::string>& synchronizers, const std::string& synchronize_guard,
           Location where)
    : spec_(spec),
      synchronize_guard_(synchronize_guard),
      grace_(protocol, spec.name, readers, synchronizers, where),
      lock_(protocol.lock(
          {.name = spec.name, .kind = model::LockKind::srcu, .rank = spec.rank, .doc = spec.doc}, where)) {}

void Srcu::read_lock(Thread& t, Location where) const {
  rely_on(t, spec_.guard, [&] {
    auto step = t.step("srcu_read_lock(" + spec_.name + ")", where);
    grace_.enter(step, t);
    step.tries(lock_, dsl::shared);
  });
}

void Srcu::read_unlock(Thread& t, Location where) const {
  rely_on(t, spec_.guard, [&] {
    auto step = t.step("srcu_read_unlock(" + spec_.name + ")", where);
    grace_.leave(step, t);
    step.releases(lock_, dsl::shared);
  });
}

void Srcu::synchronize(Thread& t, Location where) const {
  const std::string waiter = t.builder().thread().name;
  rely_on(t, synchronize_guard_, [&] {
    {
      auto begin = t.step("synchronize_srcu(" + spec_.name + ") begins", where);
      grace_.snapshot(begin, waiter);
      begin.acquires(lock_, dsl::exclusive).releases(lock_, dsl::exclusive);
    }
    auto end = t.step("synchronize_srcu(" + spec_.name + ") ends", where);
    end.when(grace_.over(waiter));
    grace_.say_for_whom(end, waiter);
  });
}

} // namespace tdxcheck::protocols
