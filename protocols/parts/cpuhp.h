// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// CPU hotplug (kernel/cpu.c): pCPUs go offline and come back, and callbacks run on the way.
//
// A subsystem installs a *state*: a startup callback, which may refuse the pCPU, and a teardown callback,
// which may veto that it leaves. States are ordered. On the way up the startups run in that order, on the
// way down the teardowns in reverse; whoever fails has what was done before him undone, in reverse again, and
// errors of that are ignored. All this happens under cpus_write_lock. Installing a state runs its startup
// on every online pCPU, one after the other, under cpus_read_lock; if one fails, the teardown runs where the
// startup succeeded and the state is not installed. Callbacks run in the pCPU's cpuhp thread: preemptible,
// IRQs on (Cpus::Bound).
//
// A pCPU that is BETWEEN is in cpu_online_mask and takes IPIs, but no thread is placed on it: on the way up
// that is so until the last startup succeeded, on the way down from the first teardown on. It leaves
// cpu_online_mask when no handler is posted to it any more (stop_machine, smpcfd_dying_cpu).
//
// Left out: states that concern nobody here; several hotplug operations at once (cpu_add_remove_lock); two
// states installed at once (cpuhp_state_mutex); the thread that asked and cpuhp/N are one thread, because the
// one waits for the other; all pCPUs start online, and one that never was is one that left before anything
// happened; cpu_hotplug_disable().

#include <functional>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

// 0 and the errors that kernel functions return; the constants of the enumeration `errno`.
[[nodiscard]] dsl::Type errno_type();
// A thread's variable for them.
[[nodiscard]] dsl::Variable errno_variable(dsl::Thread& t, const std::string& name = "ret");

class CpuHotplug {
public:
  // `ret` is OK when it begins.
  using Callback = std::function<void(dsl::Thread&, const Cpus::Bound& on, const dsl::Variable& ret)>;
  struct State {
    std::string name;
    dsl::Variable installed;
    Callback startup, teardown; // a state may do without one of them
    dsl::Expr possible = true;  // over parameters: somebody may install it
  };

  // `readers` bounds how many may hold cpus_read_lock at once. The hotplug thread is the only writer. From
  // here on `cpus` places threads and delivers IPIs where they can go.
  CpuHotplug(dsl::Protocol& protocol, Cpus& cpus, const dsl::Expr& readers, const HostLockSpec& lock);
  CpuHotplug(const CpuHotplug&) = delete;
  CpuHotplug& operator=(const CpuHotplug&) = delete;

  // Adds a state behind those declared before.
  State declare(dsl::Protocol& protocol, const std::string& name, const Callback& startup,
                const Callback& teardown, const dsl::Expr& possible = true);

  void cpus_read_lock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  void cpus_read_unlock(dsl::Thread& t, dsl::Location where = dsl::Location::current()) const;
  // The caller holds cpus_read_lock. If a startup fails `ret` says so.
  void cpuhp_setup_state_cpuslocked(dsl::Thread& t, const Cpus::Bound& on, const State& state,
                                    const dsl::Variable& ret,
                                    dsl::Location where = dsl::Location::current()) const;
  // Runs the teardown on every online pCPU.
  void cpuhp_remove_state_cpuslocked(dsl::Thread& t, const Cpus::Bound& on, const State& state,
                                     dsl::Location where = dsl::Location::current()) const;
  // Runs no callbacks.
  void cpuhp_remove_state_nocalls_cpuslocked(dsl::Thread& t, const State& state,
                                             dsl::Location where = dsl::Location::current()) const;

  // By writing to /sys/devices/system/cpu/cpuN/online. `cpu` reads nothing but the thread's own locals.
  void cpu_up(dsl::Thread& t, const Cpus::Bound& on, const dsl::Expr& cpu, const dsl::Variable& ret,
              dsl::Location where = dsl::Location::current()) const;
  void cpu_down(dsl::Thread& t, const Cpus::Bound& on, const dsl::Expr& cpu, const dsl::Variable& ret,
                dsl::Location where = dsl::Location::current()) const;

  [[nodiscard]] dsl::Expr is_online(const dsl::Expr& cpu) const { return state[cpu] == "ONLINE"; }
  [[nodiscard]] dsl::Expr is_offline(const dsl::Expr& cpu) const { return state[cpu] == "OFFLINE"; }

  dsl::Variable state; // [cpu]
  std::vector<State> states;
  std::vector<Cpus::Call> calls; // that a pCPU answers before it leaves; complete before cpu_down() is used

private:
  enum class Direction { startup, teardown };
  void run_on(dsl::Thread& t, const Cpus::Bound& on, const dsl::Expr& cpu, const State& state,
              Direction direction, const dsl::Variable& ret) const;

  void take_cpu_down(dsl::Thread& t, const dsl::Expr& cpu, dsl::Location where) const;

  const Cpus* cpus_;
  RwLock lock_;
};

} // namespace tdxcheck::protocols
