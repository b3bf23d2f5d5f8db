// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of cpu_bringup, its cpuhp states and its IPIs. The essay is at the head of cpu_bringup.cpp.

#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

namespace {

Variable rax_of(Thread& t) { return t.scratch("rax", status_type(), "SUCCESS"); }

} // namespace

// In the order of the way up: KVM's state comes before those that are added at run time.
void CpuBringup::declare_states() {
  using Function = void (CpuBringup::*)(const Context&);
  const auto callback = [this](Function function) {
    return [this, function](Thread& t, const Cpus::Bound& on, const Variable& ret) {
      (this->*function)({t, on.cpu(), &on, rax_of(t), ret});
    };
  };
  tdx_early = hp.declare(*this, "x86/tdx:online", callback(&CpuBringup::tdx_online_cpu),
                         callback(&CpuBringup::tdx_offline_cpu), form == "tdx_callback_first");
  kvm_state = hp.declare(*this, "kvm/cpu:online", callback(&CpuBringup::kvm_online_cpu),
                         callback(&CpuBringup::kvm_offline_cpu));
  tdx_state = hp.declare(*this, "virt/tdx:online", callback(&CpuBringup::tdx_online_cpu),
                         callback(&CpuBringup::tdx_offline_cpu), form == "v7_1" || form == "v6_16");
}

CpuBringup::Context CpuBringup::in_irq(Thread& t, const Expr& cpu) {
  return {t, cpu, nullptr, rax_of(t), t.scratch("ret", errno_type(), "OK")};
}

void CpuBringup::declare_calls() {
  using Handler = std::function<void(const Context&)>;
  const auto call = [this](const std::string& function, const Expr& possible, const Handler& handler) {
    auto one = cpus.call(*this, function, [this, handler](Thread& t, const Expr&, const Expr& cpu) {
      const Context at = in_irq(t, cpu);
      handler(at);
      when(at.ret != "OK").then([&] { t.step("the call failed").set(call_failed, true); });
      t.let(at.ret, "OK");
    });
    one.possible = possible;
    hp.calls.push_back(one);
    return one;
  };
  tdx_on = call("tdx_on", form == "v19", [this](const Context& at) {
    vmx_enable_virtualization_cpu(at);
    when(at.ret == "OK").then([&] {
      at.t.step("cpumask_set_cpu(cpu, vmx_enabled)").set(vmx_enabled, with(vmx_enabled, at.cpu));
      tdx_cpu_enable(at);
    });
  });
  vmx_off = call("tdx_vmx_off", form == "v19", [this](const Context& at) {
    when(contains(vmx_enabled, at.cpu)).then([&] { vmx_disable_virtualization_cpu(at); });
  });
  lp_init = call("tdx_cpu_enable", form == "sean", [this](const Context& at) {
    when(!tdx.vmx_on[at.cpu]).then([&] { at.t.step("CR4.VMXE is clear").set(at.ret, "EIO"); }).otherwise([&] {
      tdx_cpu_enable(at);
    });
  });
  hardware_enable = call("hardware_enable_nolock", form == "v19" && td,
                         [this](const Context& at) { vmx_enable_virtualization_cpu(at); });
  hardware_disable = call("hardware_disable_nolock", form == "v19" && td,
                          [this](const Context& at) { vmx_disable_virtualization_cpu(at); });
  user_lp_init = call("tdx_cpu_enable_for_user", second_user == "smp_call", [this](const Context& at) {
    const Variable off = at.t.scratch("vmx_off", dsl::boolean(), false);
    at.t.relying_on("vmxe_check", "no SEAMCALL where CR4.VMXE is clear",
                    [&] { at.t.step("CR4.VMXE?").set(off, !tdx.vmx_on[at.cpu]); });
    when(!off).then([&] { tdx_cpu_enable(at); });
    at.t.let(off, false);
    at.t.let(at.ret, "OK");
  });
  shutdown = call("kvm_shutdown", power == "reboots", [this](const Context& at) {
    when(form == "v7_1").then([&] { x86_virt_put_ref(at); }).otherwise([&] {
      vmx_disable_virtualization_cpu(at);
    });
  });
}

void CpuBringup::bringup_thread(Thread& t) {
  const Cpus::Bound bound(cpus, t, "bringup_bound");
  const Cpus::Task anywhere(cpus, t, "bringup_on_cpu");
  const Task k{t, &anywhere, &bound, rax_of(t), errno_variable(t)};
  when(offline_at_boot).then([&] {
    t.one_of({[&] { t.step("every pCPU is online"); },
              [&] {
                t.step("maxcpus=, or nosmt").some(cpus.set, "c", [&](StepWords& step, const Expr& c) {
                  step.when(c != cpus.set.member(0)).set(hp.state[c], "OFFLINE");
                });
              }});
  });
  t.operation("bring_up", [&] {
    when(form == "v7_1").then([&] { tdx_init(k); });
    when(form == "v6_16").then([&] { tdx_bringup(k); });
    when(form == "tdx_callback_first").then([&] { kvm_init_with_early_callback(k); });
    when(form == "sean").then([&] { kvm_init_by_seans_sketch(k); });
    when(form == "kai").then([&] { enable_with_virtualization_on(k); });
    when(form == "v19").then([&] { tdx_hardware_setup(k); });
    when(k.ret == "OK").then([&] { t.step("TDX is on").set(outcome, "ON"); }).otherwise([&] {
      t.step("TDX is off").set(outcome, "OFF");
    });
  });
  t.let(k.ret, "OK");
}

// Before 7.1 the module may be loaded at any time; from then on an initcall brings TDX up, and nobody writes
// to sysfs before.
void CpuBringup::hotplug_thread(Thread& t) {
  const Cpus::Bound on(cpus, t, "hotplug_on_cpu");
  const Variable ret = errno_variable(t);
  const Variable cpu = t.local("plugged", dsl::index(cpus.set), 0);
  const auto chosen = [&](const std::string& text, const std::string& state) {
    t.step(text)
        .when(!rebooting && !frozen)
        .relies_on("before_user_space", form != "v7_1" || outcome != "PENDING",
                   "user space takes no pCPU away before the initcall is done")
        .some(cpus.set, "c", [&](StepWords& step, const Expr& c) {
          step.when(c != cpus.set.member(0) && hp.state[c] == state.c_str()).set(cpu, c);
        });
  };
  when(!hotplug).then([&] { t.end(); });
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                chosen("echo 0 > cpuN/online", "ONLINE");
                t.region("hotplugging",
                         [&] { t.operation("cpu_down", [&] { hp.cpu_down(t, on, cpu, ret); }); });
              },
              [&] {
                chosen("echo 1 > cpuN/online", "OFFLINE");
                t.region("hotplugging", [&] { t.operation("cpu_up", [&] { hp.cpu_up(t, on, cpu, ret); }); });
              }});
    t.let(ret, "OK");
    t.let(cpu, 0);
  });
}

// The first VM enables virtualization, the last one disables it.
void CpuBringup::vm_exists(const Task& k, const dsl::Body& body) {
  auto& t = k.t;
  t.operation("create_vm", [&] {
    when(form == "v19").then([&] { hardware_enable_all(k); }).otherwise([&] {
      kvm_enable_virtualization(k);
    });
  });
  when(k.ret == "OK").then([&] {
    body();
    t.operation("destroy_vm", [&] {
      when(form == "v19").then([&] { hardware_disable_all(k); }).otherwise([&] {
        kvm_disable_virtualization(k);
      });
    });
  });
  t.let(k.ret, "OK");
}

void CpuBringup::td_thread(Thread& t) {
  const Cpus::Bound bound(cpus, t, "td_bound");
  const Cpus::Task anywhere(cpus, t, "td_on_cpu");
  const Task k{t, &anywhere, &bound, rax_of(t), errno_variable(t)};
  when(!td).then([&] { t.end(); });
  t.forever([&] {
    t.may_stop_here();
    t.step("ioctl(KVM_CREATE_VM), ioctl(KVM_TDX_INIT_VM)").when(outcome == "ON" && !rebooting && !frozen);
    t.region("td_in_kernel", [&] {
      vm_exists(k, [&] {
        t.operation("create_td", [&] { __tdx_td_init(k); });
        when(k.ret == "OK").then([&] {
          t.operation("run_vcpu", [&] { tdx_vcpu_run(k); });
          // It lives, for however long.
          t.region("td_lives", [&] {
            t.may_stop_here();
            t.step("close(vm fd)").when(!frozen);
          });
        });
        t.let(k.ret, "OK");
        tdx_mmu_release_hkid(k);
      });
    });
  });
}

void CpuBringup::other_vm_thread(Thread& t) {
  const Cpus::Bound bound(cpus, t, "other_vm_bound");
  const Task k{t, nullptr, &bound, rax_of(t), errno_variable(t)};
  when(!other_vm).then([&] { t.end(); });
  t.forever([&] {
    t.may_stop_here();
    t.step("ioctl(KVM_CREATE_VM)").when(outcome != "PENDING" && !rebooting && !frozen);
    vm_exists(k, [&] { t.step("an ordinary VM runs"); });
  });
}

// Somebody else in the kernel who uses the module. Before 7.1 he relies on KVM for VMX operation; from then
// on he takes a reference of his own.
void CpuBringup::second_user_thread(Thread& t) {
  const Cpus::Bound bound(cpus, t, "user_bound");
  const Cpus::Task anywhere(cpus, t, "user_on_cpu");
  const Task k{t, &anywhere, &bound, rax_of(t), errno_variable(t)};
  when(second_user == "none").then([&] { t.end(); });
  when(second_user == "smp_call").then([&] {
    t.may_stop_here();
    t.step("the other user begins");
    cpus.call_all(t, user_lp_init);
    t.end();
  });
  t.may_stop_here();
  t.step("the other user begins")
      .relies_on(
          "user_after_vmxon",
          form == "v7_1" ||
              dsl::for_all(cpus.set, "c", [&](const Expr& c) { return hp.is_offline(c) || tdx.vmx_on[c]; }),
          "the other user waits until KVM did VMXON");
  hp.cpus_read_lock(t);
  t.for_each(cpus.set, "enabling", [&](const Expr& c) {
    when(!hp.is_offline(c)).then([&] {
      t.region("user_enabling", [&] {
        bound.run(t, c, [&] { user_enables_cpu({t, bound.cpu(), &bound, k.rax, k.ret}); });
      });
      when(k.ret != "OK").then([&] { t.leave_loop(); });
    });
  });
  when(form != "v7_1" && k.ret == "OK").then([&] { tdx_enable(k); });
  hp.cpus_read_unlock(t);
  t.let(k.ret, "OK");
}

void CpuBringup::user_enables_cpu(const Context& at) {
  when(form != "v7_1").then([&] { with_irqs_off(at, [&] { tdx_cpu_enable(at); }); }).otherwise([&] {
    x86_virt_get_ref(at);
    when(at.ret == "OK").then([&] {
      tdx_cpu_enable(at);
      x86_virt_put_ref(at);
    });
  });
}

void CpuBringup::power_thread(Thread& t) {
  const Cpus::Bound bound(cpus, t, "power_bound");
  const Cpus::Task anywhere(cpus, t, "power_on_cpu");
  const Task k{t, &anywhere, &bound, rax_of(t), errno_variable(t)};
  when(power == "stays_on").then([&] { t.end(); });
  t.may_stop_here();
  when(power == "reboots").then([&] { reboots(k); }).otherwise([&] { suspends(k); });
}

// CPU hotplug is disabled first: who is at it finishes.
void CpuBringup::reboots(const Task& k) {
  auto& t = k.t;
  t.step("kvm_rebooting = true")
      .when(!dsl::in_region("hotplugging") && (form != "v7_1" || outcome != "PENDING"))
      .set(rebooting, true);
  t.operation("shut_down", [&] {
    when(form == "v7_1").then([&] { when(outcome == "ON").then([&] { tdx_shutdown(k); }); }).otherwise([&] {
      cpus.call_all(t, shutdown);
    });
  });
}

// User space is frozen outside the kernel. Every pCPU but the first goes offline, unless one is refused;
// those that went come back.
void CpuBringup::suspends(const Task& k) {
  auto& t = k.t;
  t.step("freeze_processes()")
      .when(!dsl::in_region("hotplugging") && !other_vm &&
            (!dsl::in_region("td_in_kernel") || dsl::in_region("td_lives")) && outcome != "PENDING")
      .set(frozen, true);
  t.operation("suspend", [&] {
    const Variable taken = t.scratch("frozen_cpus", dsl::subset(cpus.set), dsl::empty_set());
    t.function("freeze_secondary_cpus", [&] {
      t.for_each(cpus.set, "freezing", [&](const Expr& c) {
        when(c != cpus.set.member(0) && hp.is_online(c)).then([&] {
          hp.cpu_down(t, *k.bound, c, k.ret);
          when(k.ret != "OK").then([&] { t.leave_loop(); });
          t.let(taken, with(taken, c));
        });
      });
    });
    when(k.ret == "OK").then([&] {
      k.bound->run(t, cpus.set.member(0), [&] {
        suspends_and_resumes({t, k.bound->cpu(), k.bound, k.rax, k.ret});
      });
    });
    t.let(k.ret, "OK");
    t.function("thaw_secondary_cpus", [&] {
      t.for_each(cpus.set, "thawing", [&](const Expr& c) {
        when(hp.is_offline(c)).then([&] {
          when(contains(taken, c)).then([&] {
            hp.cpu_up(t, *k.bound, c, k.ret);
            t.let(k.ret, "OK");
          });
        });
      });
      t.let(taken, dsl::empty_set());
    });
  });
  t.step("thaw_processes()").set(frozen, false);
}

// From 7.1 on TDX and KVM hold a reference each; before, KVM alone enabled VMX operation.
void CpuBringup::suspends_and_resumes(const Context& at) {
  auto& t = at.t;
  when(form == "v7_1").then([&] {
    when(outcome == "ON").then([&] { x86_virt_put_ref(at); });
    when(kvm_usage_count != 0).then([&] { x86_virt_put_ref(at); });
    when(kvm_usage_count != 0).then([&] { x86_virt_get_ref(at); });
    when(outcome == "ON").then([&] { x86_virt_get_ref(at); });
  });
  when(form != "v7_1").then([&] {
    when(kvm_usage_count != 0).then([&] {
      t.function("kvm_suspend", [&] { vmx_disable_virtualization_cpu(at); });
      t.function("kvm_resume", [&] { vmx_enable_virtualization_cpu(at); });
    });
  });
}

void CpuBringup::define() {
  declare_states();
  declare_calls();
  thread(
      "bringup", [this](Thread& t) { bringup_thread(t); }, "brings TDX up, once");
  thread(
      "hotplug", [this](Thread& t) { hotplug_thread(t); },
      "takes pCPUs away and brings them back, for ever; or stops anywhere in between");
  thread(
      "td", [this](Thread& t) { td_thread(t); }, "creates a TD and destroys it, for ever; or keeps it");
  thread(
      "other_vm", [this](Thread& t) { other_vm_thread(t); },
      "creates an ordinary VM and destroys it, for ever; or stops in between");
  thread(
      "user", [this](Thread& t) { second_user_thread(t); }, "brings the module up for another user, once");
  thread(
      "power", [this](Thread& t) { power_thread(t); }, "shuts the machine down, or suspends it, once");
  cpus.declare_handlers(*this, hp.calls);
  claims();
  variants();
}

} // namespace tdxcheck::protocols
