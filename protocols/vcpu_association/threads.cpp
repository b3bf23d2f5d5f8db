// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of vcpu_association and the IPIs between them. The essay is at the head of
// vcpu_association.cpp.

#include "protocols/vcpu_association/vcpu_association.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

void VcpuAssociation::vcpu_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "vcpu_on_cpu");
  Task k{t, on, status_register(t)};
  const Expr self = t.self();
  when(creation).then([&] {
    t.forever([&] {
      t.may_stop_here();
      t.one_of({[&] {
                  t.step("ioctl(KVM_CREATE_VCPU)").when(!(terminates() && vm_dead));
                  kvm_vm_ioctl_create_vcpu(k, self);
                },
                [&] {
                  t.step("gives up").set(thread_gone[self], true);
                  t.end();
                }});
      when(in_vcpu_array[self]).then([&] { t.leave_loop(); });
      when(!tried_again).then([&] {
        t.step("gives up").set(thread_gone[self], true);
        t.end();
      });
    });
  });
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.step("ioctl(KVM_TDX_INIT_VCPU)").when(creation && !initialised[self] && !td.is_runnable());
                tdx_vcpu_init(k, self);
              },
              [&] {
                t.step("ioctl(KVM_TDX_FINALIZE_VM)").when(creation && built() && !td.is_runnable());
                tdx_td_finalize(k);
              },
              [&] {
                t.step("ioctl(KVM_RUN)");
                kvm_vcpu_ioctl(k, self, [&] {
                  tdx_vcpu_run(k, self);
                  when(others_read).then([&] { kvm_vcpu_on_spin(k, self); });
                });
              },
              [&] {
                t.step("close(vcpu fd)").when(hkid_goes()).set(thread_gone[self], true);
                t.end();
              }});
  });
}

// Every vCPU that exists is initialised.
Expr VcpuAssociation::built() const {
  return !creation_in_flight() &&
         dsl::for_all(vcpu, "v", [&](const Expr& v) { return implies(in_vcpu_array[v], initialised[v]); });
}

Expr VcpuAssociation::creation_in_flight() const {
  return dsl::exists(vcpu, "v", [&](const Expr& v) { return in_creation[v]; });
}

void VcpuAssociation::destroying_thread(Thread& t) {
  const Cpus::Task on(cpus, t, "T0_on_cpu");
  Task k{t, on, status_register(t)};
  when(!hkid_goes()).then([&] { t.end(); });
  t.may_stop_here();
  when(terminates()).then([&] {
    t.step("ioctl(KVM_TDX_TERMINATE_VM)");
    tdx_terminate_vm(k);
    t.may_stop_here();
  });
  t.step("the last reference to the VM is dropped")
      .relies_on("last_reference", dsl::for_all(vcpu, "v", [&](const Expr& v) { return thread_gone[v]; }),
                 "vCPU fds and ioctls on the VM hold references to it");
  t.function("kvm_destroy_vm", [&] {
    tdx_mmu_release_hkid(k);
    when(unload_loads).then([&] { kvm_unload_vcpu_mmus(k); });
    kvm_destroy_vcpus(k);
    t.step("kvm_arch_free_vm()").set(destroyed, true);
  });
}

// The pCPU's cpuhp thread runs the callbacks with IRQs on; tdx_disable_virtualization_cpu() turns them off.
void VcpuAssociation::hotplug_thread(Thread& t) {
  when(!hotplug).then([&] { t.end(); });
  const Cpus::Bound on(cpus, t, "cpuhp_on_cpu");
  const Variable ret = errno_variable(t);
  t.step("cpuhp_setup_state(kvm/cpu:online)").set(hotplugging.states.front().installed, true);
  t.forever([&] {
    t.may_stop_here();
    t.step("echo 0 >online");
    hotplugging.cpu_down(t, on, cpus.set.last(), ret);
    t.step("echo 1 >online");
    hotplugging.cpu_up(t, on, cpus.set.last(), ret);
  });
}

void VcpuAssociation::reboot_thread(Thread& t) {
  when(!shutdown).then([&] { t.end(); });
  t.may_stop_here();
  t.step("kvm_rebooting = true").set(rebooting, true);
  t.function("kvm_shutdown", [&] { cpus.call_all(t, disable); });
}

void VcpuAssociation::kvm_disable_virtualization_cpu(Thread& t, const Expr& cpu, const Variable& rax) {
  t.function("kvm_disable_virtualization_cpu", [&] {
    tdx_disable_virtualization_cpu(t, cpu, rax);
    t.step("VMXOFF")
        .set(system.vmx_on[cpu], false)
        .asserts("disable_empties_list", list.is_empty(cpu),
                 "no vCPU is linked on a pCPU that leaves VMX operation");
  });
}

// Handlers write nothing that T0's arguments depend on, so they are used in place.
void VcpuAssociation::declare_calls() {
  const auto rax = [](Thread& t) { return t.scratch("rax", status_type(), "SUCCESS"); };
  flush_by_vcpu.call =
      cpus.call(*this, "tdx_flush_vp", vcpu, [&, rax](Thread& t, const Expr& sender, const Expr& c) {
        tdx_flush_vp(t, sender, c, rax(t), flush_by_vcpu.failed[sender]);
        csd_unlock(t, c);
      });
  flush_by_destroyer.call =
      cpus.call(*this, "tdx_flush_vp_for_T0", [&, rax](Thread& t, const Expr&, const Expr& c) {
        tdx_flush_vp(t, flushed_vcpu, c, rax(t), flush_by_destroyer.failed);
        csd_unlock(t, c);
      });
  disassociate = cpus.call(*this, "tdx_disassociate_vp_arg", [&](Thread& t, const Expr&, const Expr& c) {
    t.function("tdx_disassociate_vp_arg", [&] {
      when(unlink_checks_cpu).then([&] { when(vcpu_cpu[flushed_vcpu] != c).then([&] { t.return_(); }); });
      tdx_disassociate_vp(t, flushed_vcpu, c);
    });
    csd_unlock(t, c);
  });
  disable =
      cpus.call(*this, "kvm_disable_virtualization_cpu", [&, rax](Thread& t, const Expr&, const Expr& c) {
        kvm_disable_virtualization_cpu(t, c, rax(t));
        csd_unlock(t, c);
      });
  flush_by_destroyer.call.possible = hkid_goes();
  disassociate.possible = free_unlinks == "always";
  disable.possible = shutdown;
  hotplugging.calls = {flush_by_vcpu.call, flush_by_destroyer.call, disassociate};
  hotplugging.declare(
      *this, "kvm/cpu:online",
      [&](Thread& t, const Cpus::Bound& on, const Variable&) {
        t.step("VMXON").set(system.vmx_on[on.cpu()], true);
      },
      [&, rax](Thread& t, const Cpus::Bound& on, const Variable&) {
        on.local_irq_disable(t);
        kvm_disable_virtualization_cpu(t, on.cpu(), rax(t));
        on.local_irq_enable(t);
      });
}

void VcpuAssociation::define() {
  declare_calls();
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: creates its vCPU, for ever while that fails; initialises it and finalizes the TD; "
      "KVM_RUN for ever, on any pCPU; one close; or stops anywhere in between");
  thread(
      "T0", [this](Thread& t) { destroying_thread(t); },
      "KVM_TDX_TERMINATE_VM once, where asked for; destroys the VM once");
  thread(
      "hotplug", [this](Thread& t) { hotplug_thread(t); }, "takes the last pCPU offline and back, for ever");
  thread(
      "reboot", [this](Thread& t) { reboot_thread(t); }, "kvm_shutdown, once");
  list.poison.declare(*this);
  cpus.declare_handlers(*this, {flush_by_vcpu.call, flush_by_destroyer.call, disassociate, disable});
  claims();
  variants();
}

} // namespace tdxcheck::protocols
