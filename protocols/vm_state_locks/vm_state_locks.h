// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The ioctls that build a TD against each other, and against a zap. The essay is at the head of
// vm_state_locks.cpp.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class VmStateLocks : public dsl::Protocol {
public:
  VmStateLocks();

protected:
  struct Task {
    dsl::Thread& t;
    dsl::Variable rax;
    [[nodiscard]] Caller caller() const { return {t, rax}; }
  };

  void define() override;

  // virt/kvm/kvm_main.c
  virtual void kvm_vm_ioctl_create_vcpu(dsl::Thread& t);
  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_vcpu_init(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_td_vcpu_init(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_vcpu_init_mem_region(Task& k);
  virtual void tdx_gmem_post_populate(Task& k);
  virtual void tdx_td_finalize(Task& k);
  // Under the VM state locks, or under what the form without them takes instead. `busy`: a vCPU is being
  // created.
  virtual void tdx_acquire_vm_state_locks(dsl::Thread& t, const dsl::Body& locked, const dsl::Body& busy);
  // guest_memfd: a hole is punched into another range.
  virtual void kvm_gmem_punch_hole(Task& k);
  virtual void tdx_sept_remove_private_spte(Task& k);
  // KVM_PRE_FAULT_MEMORY, as far as it looks whether it may.
  virtual void kvm_tdx_pre_fault(dsl::Thread& t);

  void kvm_bug(dsl::Thread& t, const std::string& text, dsl::Location where = dsl::Location::current());
  void for_every_mutex(const std::function<void(const Mutex&)>& body) const;
  void claims();
  void variants();
  [[nodiscard]] TdSpec td_spec() const;

  dsl::Parameter vcpus, state_locks, mmu_lock_in_vp_init, mmu_lock_in_page_add, mmu_lock_in_mr,
      vp_init_version, zaps, same_inode, zap_retries;
  dsl::IndexSet cpus, vcpu, gfns;
  System system;
  Td td;
  Mutex kvm_lock, vcpu_mutex, slots_lock, filemap_invalidate_lock;
  RwLock mmu_lock;
  dsl::Variable created, online; // numbers of vCPUs
  dsl::Variable vcpu_done, building_done, zapped, finalized;
  dsl::Variable kvm_state_runnable, pre_fault_allowed;
};

} // namespace tdxcheck::protocols
