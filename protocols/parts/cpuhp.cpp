// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/cpuhp.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

dsl::Type errno_type() {
  return dsl::enumeration("errno",
                          {"OK", "EIO", "EACCES", "EBUSY", "EINVAL", "ENODEV", "EOPNOTSUPP", "ENOMEM"});
}

Variable errno_variable(Thread& t, const std::string& name) { return t.local(name, errno_type(), "OK"); }

CpuHotplug::CpuHotplug(dsl::Protocol& protocol, Cpus& cpus, const Expr& readers, const HostLockSpec& lock)
    : state(protocol.variable("cpu_state", cpus.set,
                              dsl::enumeration("cpu_state", {"ONLINE", "BETWEEN", "OFFLINE"}), "ONLINE",
                              "ONLINE: threads are placed there; OFFLINE: not in cpu_online_mask")),
      cpus_(&cpus),
      lock_(protocol, lock, readers, 1, true) {
  const Variable of = state;
  cpus.places_threads = [of](const Expr& c) { return of[c] == "ONLINE"; };
  cpus.receives_ipis = [of](const Expr& c) { return of[c] != "OFFLINE"; };
}

CpuHotplug::State CpuHotplug::declare(dsl::Protocol& protocol, const std::string& name,
                                      const Callback& startup, const Callback& teardown,
                                      const Expr& possible) {
  states.push_back({name,
                    protocol.variable("installed(" + name + ")", dsl::boolean(), false,
                                      "the cpuhp state's callbacks run from now on"),
                    startup, teardown, possible});
  return states.back();
}

void CpuHotplug::cpus_read_lock(Thread& t, Location where) const {
  t.function("cpus_read_lock", [&] { lock_.read_lock(t, where); });
}

void CpuHotplug::cpus_read_unlock(Thread& t, Location where) const {
  t.function("cpus_read_unlock", [&] { lock_.read_unlock(t, where); });
}

void CpuHotplug::run_on(Thread& t, const Cpus::Bound& on, const Expr& cpu, const State& of,
                        Direction direction, const Variable& ret) const {
  const Callback& callback = direction == Direction::startup ? of.startup : of.teardown;
  if (callback) on.run(t, cpu, [&] { callback(t, on, ret); });
}

void CpuHotplug::cpuhp_setup_state_cpuslocked(Thread& t, const Cpus::Bound& on, const State& of,
                                              const Variable& ret, Location where) const {
  t.function("cpuhp_setup_state_cpuslocked", [&] {
    t.step("cpuhp_store_callbacks(" + of.name + ")", where).set(of.installed, true);
    t.for_each(cpus_->set, "installing", [&](const Expr& c) {
      when(!is_offline(c)).then([&] { run_on(t, on, c, of, Direction::startup, ret); });
      when(ret != "OK").then([&] {
        const Variable ignored = t.scratch("ignored", errno_type(), "OK");
        t.for_each(cpus_->set, "undoing", [&](const Expr& done) {
          when(done == c).then([&] { t.leave_loop(); });
          when(!is_offline(done)).then([&] { run_on(t, on, done, of, Direction::teardown, ignored); });
          t.let(ignored, "OK");
        });
        t.step("the callbacks of " + of.name + " are taken out again", where).set(of.installed, false);
        t.leave_loop();
      });
    });
  });
}

void CpuHotplug::cpuhp_remove_state_cpuslocked(Thread& t, const Cpus::Bound& on, const State& of,
                                               Location where) const {
  t.function("cpuhp_remove_state_cpuslocked", [&] {
    const Variable ignored = t.scratch("ignored", errno_type(), "OK");
    t.for_each(cpus_->set, "removing", [&](const Expr& c) {
      when(!is_offline(c)).then([&] { run_on(t, on, c, of, Direction::teardown, ignored); });
      t.let(ignored, "OK");
    });
    t.step("the callbacks of " + of.name + " are taken out", where).set(of.installed, false);
  });
}

void CpuHotplug::cpuhp_remove_state_nocalls_cpuslocked(Thread& t, const State& of, Location where) const {
  t.function("cpuhp_remove_state_nocalls_cpuslocked", [&] {
    t.step("the callbacks of " + of.name + " are taken out", where).set(of.installed, false);
  });
}

// Handlers that somebody waits for run first.
void CpuHotplug::take_cpu_down(Thread& t, const Expr& cpu, Location where) const {
  Expr drained = !cpus_->in_irq[cpu];
  for (const auto& call : calls) drained = drained && !Cpus::is_posted(call, cpu);
  t.step("take_cpu_down", where).when(drained).set(state[cpu], "OFFLINE").waits_for_cpu(cpu);
}

void CpuHotplug::cpu_up(Thread& t, const Cpus::Bound& on, const Expr& cpu, const Variable& ret,
                        Location where) const {
  t.function("cpu_up", [&] {
    lock_.write_lock(t, where);
    t.step("the pCPU starts", where).set(state[cpu], "BETWEEN");
    const Variable ignored = t.scratch("ignored", errno_type(), "OK");
    for (std::size_t i = 0; i < states.size(); ++i) {
      when(states[i].possible && ret == "OK").then([&] {
        when(states[i].installed).then([&] {
          run_on(t, on, cpu, states[i], Direction::startup, ret);
          when(ret != "OK").then([&] {
            for (std::size_t j = i; j-- > 0;) {
              when(states[j].possible).then([&] {
                when(states[j].installed).then([&] {
                  run_on(t, on, cpu, states[j], Direction::teardown, ignored);
                });
                t.let(ignored, "OK");
              });
            }
          });
        });
      });
    }
    when(ret == "OK")
        .then([&] { t.step("the pCPU is online", where).set(state[cpu], "ONLINE"); })
        .otherwise([&] { take_cpu_down(t, cpu, where); });
    lock_.write_unlock(t, where);
  });
}

void CpuHotplug::cpu_down(Thread& t, const Cpus::Bound& on, const Expr& cpu, const Variable& ret,
                          Location where) const {
  t.function("cpu_down", [&] {
    lock_.write_lock(t, where);
    t.step("no thread is placed on the pCPU any more", where).set(state[cpu], "BETWEEN");
    t.step("the threads there have left", where)
        .when(!cpus_->preempt_off[cpu] && !cpus_->in_irq[cpu])
        .waits_for_cpu(cpu);
    const Variable ignored = t.scratch("ignored", errno_type(), "OK");
    for (std::size_t i = states.size(); i-- > 0;) {
      when(states[i].possible && ret == "OK").then([&] {
        when(states[i].installed).then([&] {
          run_on(t, on, cpu, states[i], Direction::teardown, ret);
          when(ret != "OK").then([&] {
            for (std::size_t j = i + 1; j < states.size(); ++j) {
              when(states[j].possible).then([&] {
                when(states[j].installed).then([&] {
                  run_on(t, on, cpu, states[j], Direction::startup, ignored);
                });
                t.let(ignored, "OK");
              });
            }
          });
        });
      });
    }
    when(ret == "OK").then([&] { take_cpu_down(t, cpu, where); }).otherwise([&] {
      t.step("the pCPU stays online", where).set(state[cpu], "ONLINE");
    });
    lock_.write_unlock(t, where);
  });
}

} // namespace tdxcheck::protocols
