// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Sleepable RCU. read_lock() never waits; synchronize() waits for the readers that were there when it began.
// A reader that spins inside its section keeps the synchronizer waiting for ever; that both sides block each
// other through a lock (taken by readers inside, by the synchronizer outside) is seen by lock_order, too,
// because synchronize() counts as taking the SRCU exclusively for a moment.

#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "protocols/parts/grace_period.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class Srcu {
public:
  // `spec.guard` drops the read sections; `synchronize_guard` the waiting.
  Srcu(dsl::Protocol& protocol, const HostLockSpec& spec, const std::vector<Readers>& readers,
       const std::vector<std::string>& synchronizers, const std::string& synchronize_guard = {},
       dsl::Location where = dsl::Location::current());
  void read_lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void read_unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void synchronize(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  [[nodiscard]] const GracePeriods& grace() const { return grace_; }

private:
  HostLockSpec spec_;
  std::string synchronize_guard_;
  GracePeriods grace_;
  dsl::Lock lock_;
};

} // namespace tdxcheck::protocols
