// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Deletion of a memslot against faults that retry while they hold kvm->srcu. The essay is at the head of
// memslot_delete.cpp.
//
// One member per kernel function; a file of your own may derive from MemslotDelete and replace one.

#include "dsl/dsl.h"
#include "protocols/parts/host_locks.h"
#include "protocols/parts/srcu.h"

namespace tdxcheck::protocols {

class MemslotDelete : public dsl::Protocol {
public:
  MemslotDelete();

protected:
  // A fault in the making: the vCPU, the page, and what the last try answered.
  struct Fault {
    dsl::Thread& t;
    dsl::Expr vcpu;
    dsl::Variable gfn;
    dsl::Variable slot;  // fault->slot
    dsl::Variable retry; // RET_PF_RETRY
    bool prefetch;
  };

  void define() override;

  // arch/x86/kvm/mmu
  virtual void kvm_tdp_mmu_page_fault(Fault& f);
  virtual void kvm_mmu_faultin_pfn(Fault& f);
  virtual void kvm_tdp_mmu_map(Fault& f);
  virtual void set_external_spte_present(Fault& f);
  virtual void make_mmio_spte(Fault& f);
  virtual void kvm_arch_flush_shadow_memslot(dsl::Thread& t);
  virtual void kvm_arch_vcpu_pre_fault_memory(Fault& f);
  // arch/x86/kvm/vmx/tdx.c, x86.c
  virtual void tdx_handle_ept_violation(Fault& f);
  virtual void vcpu_run(Fault& f);
  // virt/kvm/kvm_main.c
  virtual void kvm_swap_active_memslots(dsl::Thread& t, const std::string& state, const std::string& text);
  virtual void kvm_delete_memslot(dsl::Thread& t);
  virtual void kvm_create_memslot(dsl::Thread& t);

  // Threads, claims, variants.
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void memslots_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  void break_on_signal(dsl::Thread& t, const std::string& text);
  [[nodiscard]] dsl::Expr is_private(const dsl::Expr& page) const { return page == gfn.member(0); }

  // Sizes and loads.
  dsl::Parameter vcpus, changes, runs, prefault, aug_fails, busy, signals;
  // Forms of the code.
  dsl::Parameter local_retry, breaks_on_invalid, prefault_answers, checks_vm_dead;

  dsl::IndexSet vcpu, gfn;
  Mutex slots_lock;
  RwLock mmu_lock;
  Srcu srcu;
  dsl::Variable slot, in_progress, generation; // the active memslots
  dsl::Variable spte, mmio_generation;         // [gfn]
  dsl::Variable busy_left, vm_dead;
};

} // namespace tdxcheck::protocols
