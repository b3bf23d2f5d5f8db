// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The ioctls that build a TD, from several threads at once, and the locks they take to keep out of each
// other's way. The essay is at the head of vm_state_locks.cpp.
//
// One member per kernel function; a file of your own may derive from VmStateLocks and replace one.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class VmStateLocks : public dsl::Protocol {
public:
  VmStateLocks();

protected:
  void define() override;

  // virt/kvm/kvm_main.c. `v` is the vCPU whose fd user space names; a new one is written there.
  virtual void kvm_vm_ioctl_create_vcpu(dsl::Thread& t, const dsl::Variable& v);
  virtual void kvm_lock_all_vcpus(dsl::Thread& t, const dsl::Expr& own);
  virtual void kvm_unlock_all_vcpus(dsl::Thread& t, const dsl::Expr& own);
  // arch/x86/kvm/x86.c, arch/x86/kvm/mmu/mmu.c
  virtual void kvm_arch_vcpu_ioctl_run(dsl::Thread& t, const dsl::Expr& v);
  virtual void kvm_arch_vcpu_pre_fault_memory(dsl::Thread& t);
  // arch/x86/kvm/vmx/tdx.c. `own`: the vCPU whose mutex a locked ioctl holds already, or empty.
  virtual void tdx_vcpu_create(dsl::Thread& t);
  virtual void tdx_acquire_vm_state_locks(dsl::Thread& t, const dsl::Expr& own, const dsl::Body& body);
  virtual void tdx_release_vm_state_locks(dsl::Thread& t, const dsl::Expr& own);
  virtual void tdx_vm_ioctl(dsl::Thread& t);
  virtual void tdx_td_finalize(dsl::Thread& t);
  virtual void tdx_vcpu_ioctl(dsl::Thread& t, const dsl::Expr& v);
  virtual void tdx_vcpu_get_cpuid(dsl::Thread& t);
  virtual void tdx_vcpu_unlocked_ioctl(dsl::Thread& t, const dsl::Expr& v, const dsl::Expr& takes_slots_lock,
                                       const dsl::Body& command);
  virtual void tdx_vcpu_init(dsl::Thread& t, const dsl::Expr& v);
  virtual void tdx_td_vcpu_init(dsl::Thread& t, const dsl::Expr& v);
  virtual void tdx_vcpu_init_mem_region(dsl::Thread& t, const dsl::Expr& v);
  virtual void tdx_gmem_post_populate(dsl::Thread& t);
  virtual void tdx_sept_set_private_spte(dsl::Thread& t);

  virtual void user_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  // Words. A local of the thread: the ioctl, or the function that it is in, is not to go on.
  static dsl::Variable refused(dsl::Thread& t);
  static dsl::Variable status(dsl::Thread& t); // RAX
  // Reads the condition, and leaves the function if it holds.
  static void return_if(dsl::Thread& t, const std::string& text, const dsl::Expr& condition,
                        dsl::Location where = dsl::Location::current());
  static void return_unless_success(dsl::Thread& t, const dsl::Body& failure);
  void kvm_bug_on_status(dsl::Thread& t, const std::string& text,
                         dsl::Location where = dsl::Location::current());
  [[nodiscard]] dsl::Expr is_v6_16() const { return locks == "v6_16"; }
  [[nodiscard]] dsl::Expr is_finalized() const { return state == "TD_STATE_RUNNABLE"; }

  // Sizes.
  dsl::Parameter vcpus, users;
  // Forms of the code.
  dsl::Parameter locks, creation_check, finalize_busy, extend_error, wmb, rmb;
  // What user space does.
  dsl::Parameter finalizes, finalizes_without_vcpus, populates, gets_cpuid, runs, prefaults;

  dsl::IndexSet vcpu, user, page, lp;
  Generation module;
  System system;
  Td td;
  Mutex kvm_lock, vcpu_mutex, slots_lock;

  dsl::Variable created_vcpus, online_vcpus; // the vCPUs that the counters count
  dsl::Variable initialized;                 // vCPUs in VCPU_TD_STATE_INITIALIZED
  dsl::Variable state, pre_fault_allowed, vm_dead;

private:
  TdSpec td_spec() const;
};

} // namespace tdxcheck::protocols
