// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Association of vCPUs with pCPUs: load, put, enter, flush, and whoever takes a pCPU or a vCPU away
// meanwhile. The essay is at the head of vcpu_association.cpp.
//
// One member per kernel function; a file of your own may derive from VcpuAssociation and replace one.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/cpuhp.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/host_locks.h"
#include "protocols/vcpu_association/associated_list.h"
#include "protocols/vcpu_association/vcpu_mutexes.h"

namespace tdxcheck::protocols {

class VcpuAssociation : public dsl::Protocol {
public:
  VcpuAssociation();

protected:
  // A thread, where it runs, and the status of its last SEAMCALL.
  struct Task {
    dsl::Thread& t;
    const Cpus::Task& on;
    dsl::Variable rax;
    // A call made where the thread is pinned.
    [[nodiscard]] Caller here() const { return {t, rax, on.cpu()}; }
  };
  // Who asks another pCPU to flush a vCPU: the vCPU's own thread, or T0 for any of them.
  struct FlushCall {
    Cpus::Call call;
    dsl::Variable failed;
  };

  void define() override;

  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_vcpu_load(Task& k, const dsl::Expr& vcpu, const FlushCall& flush, const dsl::Expr& sender);
  virtual void tdx_flush_vp_on_cpu(Task& k, const dsl::Expr& vcpu, const FlushCall& flush,
                                   const dsl::Expr& sender);
  virtual void tdx_flush_vp(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                            const dsl::Variable& rax, const dsl::Variable& failed);
  virtual void tdx_disassociate_vp(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu);
  virtual void tdx_disable_virtualization_cpu(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax);
  virtual void tdx_vcpu_init(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_vcpu_run(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_protected_apic_has_interrupt(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_vcpu_free(Task& k, const dsl::Expr& vcpu, const FlushCall& flush, const dsl::Expr& sender);
  virtual void tdx_mmu_release_hkid(Task& k);
  virtual void tdx_terminate_vm(Task& k);
  virtual void tdx_acquire_vm_state_locks(dsl::Thread& t, const dsl::Body& acquired);
  virtual void tdx_td_finalize(Task& k);
  // arch/x86/kvm/x86.c, virt/kvm/kvm_main.c
  virtual void kvm_arch_vcpu_load(Task& k, const dsl::Expr& vcpu, const FlushCall& flush,
                                  const dsl::Expr& sender);
  virtual void vcpu_load(Task& k, const dsl::Expr& vcpu, const FlushCall& flush, const dsl::Expr& sender);
  virtual void vcpu_put(Task& k);
  virtual void sched_out_and_in(Task& k, const dsl::Expr& vcpu);
  virtual void kvm_vm_ioctl_create_vcpu(Task& k, const dsl::Expr& vcpu);
  virtual void kvm_vcpu_ioctl(Task& k, const dsl::Expr& vcpu, const dsl::Body& loaded);
  virtual void kvm_vcpu_on_spin(Task& k, const dsl::Expr& vcpu);
  virtual void kvm_unload_vcpu_mmus(Task& k);
  virtual void kvm_destroy_vcpus(Task& k);
  virtual void kvm_disable_virtualization_cpu(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax);

  // Threads.
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void destroying_thread(dsl::Thread& t);
  virtual void hotplug_thread(dsl::Thread& t);
  virtual void reboot_thread(dsl::Thread& t);
  void declare_calls();
  virtual void claims();
  virtual void variants();
  void landed_variants();
  void creation_variants();
  void terminate_variants();
  void questioned_variants();

  // A SEAMCALL is not interrupted on its pCPU.
  void on_this_cpu(Task& k, const dsl::Body& seamcall);
  void bug_unless_success(Task& k, const std::string& text, dsl::Location where = dsl::Location::current());
  // A handler ends with a store-release that tells the sender; see StoreBuffer.
  void csd_unlock(dsl::Thread& t, const dsl::Expr& cpu);
  [[nodiscard]] TdSpec td_spec() const;
  [[nodiscard]] dsl::Expr creation_in_flight() const;
  [[nodiscard]] dsl::Expr built() const;
  [[nodiscard]] dsl::Expr hkid_goes() const { return destroy != "never"; }
  [[nodiscard]] dsl::Expr terminates() const { return destroy == "terminate_vm"; }

  // Sizes.
  dsl::Parameter vcpus, pcpus;
  // Who is about.
  dsl::Parameter creation, creation_fails, tried_again, hotplug, shutdown, destroy;
  // Forms of the code.
  dsl::Parameter load_checks_hkid, free_unlinks, unlink_checks_cpu, unload_loads, flush_with_irqs_off,
      list_lock, late_cpu_store, terminate_keeps_mutexes, terminate_counts, create_asks_again, vm_dead_check,
      vm_state_locks, init_preempted, init_stores_state, build_holds_cpus, others_read, delayed_stores;

  dsl::IndexSet vcpu;
  Cpus cpus;
  CpuHotplug hotplugging;
  System system;
  Td td;
  AssociatedList list;
  Mutex kvm_lock, local_lock;
  VcpuMutexes vcpu_mutex;
  dsl::Variable vcpu_cpu;      // [vcpu]: vcpu->cpu
  dsl::Variable initialised;   // [vcpu]: tdx->state
  dsl::Variable in_vcpu_array; // [vcpu]
  dsl::Variable in_creation;   // [vcpu]: counted in kvm->created_vcpus, not yet in kvm->online_vcpus
  dsl::Variable thread_gone;   // [vcpu]: its thread holds no reference to the VM any more
  dsl::Variable hkid_assigned, vm_dead, rebooting, destroyed;
  dsl::Variable flushed_vcpu; // argument of T0's calls
  FlushCall flush_by_vcpu, flush_by_destroyer;
  Cpus::Call disassociate, disable;
};

} // namespace tdxcheck::protocols
