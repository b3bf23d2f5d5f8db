// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// KVM_TDX_INIT_MEM_REGION against everything that maps or zaps private pages at the same time. The essay is
// at the head of populate_order.cpp.
//
// One member per kernel function; a file of your own may derive from PopulateOrder and replace one.

#include "dsl/dsl.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class PopulateOrder : public dsl::Protocol {
public:
  PopulateOrder();

protected:
  void define() override;

  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_vcpu_init_mem_region(dsl::Thread& t);
  virtual void tdx_gmem_post_populate(dsl::Thread& t, const dsl::Expr& p);
  virtual void tdx_td_finalize(dsl::Thread& t);
  virtual void tdx_acquire_vm_state_locks(dsl::Thread& t);
  virtual void tdx_release_vm_state_locks(dsl::Thread& t);
  virtual void tdx_sept_remove_private_spte(dsl::StepWords& step, const dsl::Expr& p);
  // virt/kvm, arch/x86/kvm/mmu
  virtual void kvm_gmem_populate(dsl::Thread& t, const dsl::Expr& p);
  virtual void kvm_gmem_punch_hole(dsl::Thread& t);
  virtual void kvm_gmem_fault_user_mapping(dsl::Thread& t);
  virtual void kvm_vm_set_mem_attributes(dsl::Thread& t);
  virtual void kvm_mmu_invalidate_begin(dsl::Thread& t, const dsl::Variable& p);
  virtual void kvm_mmu_invalidate_end(dsl::Thread& t);
  virtual void kvm_tdp_mmu_page_fault(dsl::Thread& t);
  // mm
  virtual void get_user_pages_fast(dsl::Thread& t);

  virtual void claims();
  virtual void variants();

  // Every vcpu->mutex, by number.
  void each_vcpu(const std::function<void(const dsl::Expr&)>& body) const;
  static dsl::Variable busy_local(dsl::Thread& t);
  dsl::Parameter vcpus, pages;
  // Forms of the code.
  dsl::Parameter state_locks, page_add, gup, in_place_conversion;
  // Who else is about.
  dsl::Parameter source, punch_hole, convert, unmap, vcpu_faults, user_faults, page_add_busy;

  dsl::IndexSet vcpu, page;
  Mutex kvm_lock, vcpu_mutex, slots_lock;
  RwLock mmap_lock, invalidate_lock;

  dsl::Variable allocated, is_private; // [page]: in the guest_memfd; its attribute
  dsl::Variable mirror, sept;          // [page]: present in the mirror page table; in the S-EPT
  dsl::Variable nr_premapped, finalized, in_progress, mmu_seq;
  dsl::Variable page_in_flight;
};

} // namespace tdxcheck::protocols
