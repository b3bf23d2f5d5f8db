// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Removal of a private page from a running TD, and what makes its SEAMCALLs BUSY. The essay is at the head of
// sept_zap.cpp.
//
// One member per kernel function; a file of your own may derive from SeptZap and replace one.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"
#include "protocols/parts/kick.h"

namespace tdxcheck::protocols {

class SeptZap : public dsl::Protocol {
public:
  SeptZap();

protected:
  // A thread and the status of its last SEAMCALL.
  using Task = const Caller;

  void define() override;

  // arch/x86/kvm/vmx/tdx.c: removal
  virtual void tdx_sept_remove_private_spte(Task& k, const SeptEntry& entry);
  virtual void tdx_sept_zap_private_spte(Task& k, const SeptEntry& entry);
  virtual void tdx_track(Task& k);
  virtual void tdx_track_v19(Task& k);
  virtual void tdx_sept_drop_private_spte(Task& k, const SeptEntry& entry);
  virtual void tdx_sept_split_private_spte(Task& k, const dsl::Expr& table);
  // A SEAMCALL that is repeated while it is BUSY (K71: tdh_do_no_vcpus).
  virtual void tdh_do_no_vcpus(Task& k, const std::string& loop, const dsl::Expr& limit,
                               const dsl::Body& seamcall);
  virtual void tdx_no_vcpus_enter_start(Task& k);
  virtual void tdx_no_vcpus_enter_stop(Task& k);
  // installation and entry
  virtual void tdx_sept_set_private_spte(Task& k, const dsl::Expr& gfn);
  virtual void tdx_handle_ept_violation(Task& k, const dsl::Expr& gfn);
  virtual void tdx_flush_tlb(Task& k);
  virtual void tdx_vcpu_run(Task& k);
  virtual void tdx_td_vcpu_init(Task& k);
  // arch/x86/kvm/mmu/tdp_mmu.c, virt/kvm/guest_memfd.c, x86.c
  virtual void kvm_gmem_punch_hole(Task& k, const dsl::Expr& gfn);
  virtual void kvm_tdp_mmu_unmap_gfn_range(Task& k, const dsl::Expr& gfn);
  virtual void kvm_tdp_mmu_map(Task& k, const dsl::Expr& gfn);
  virtual void vcpu_enter_guest(Task& k);

  // Threads.
  virtual void zap_thread(dsl::Thread& t);
  virtual void vcpu_thread(dsl::Thread& t);
  // What the guest does between VM entry and TD exit: anything or nothing.
  virtual void guest(Task& k, Guest& g);
  virtual void claims();
  virtual void variants();
  void landed_variants();
  void before_landing();
  void proposals_of_2024();
  void zero_step_proposals();
  void other_work();

  [[nodiscard]] dsl::Expr is_busy(const Task& k) const; // by the test of the variant
  // The page that is removed; the other one stays.
  [[nodiscard]] dsl::Expr page() const { return gfns.member(0); }
  void bug_unless_success(Task& k, const std::string& seamcall,
                          dsl::Location where = dsl::Location::current());
  void under_spinlock(Task& k, const dsl::Expr& after_busy, const dsl::Body& seamcall);

  // Sizes.
  dsl::Parameter vcpus, zero_step_threshold;
  // How the zap repeats, and what it does about vCPUs meanwhile.
  dsl::Parameter retries, kick_when, keep_out, busy_test, track_and_remove, track_protocol, spinlock;
  // What the zap does with the page, and how often an interrupted TDH.MEM.PAGE.DEMOTE is repeated.
  dsl::Parameter work, demote_retries;
  // How a vCPU goes on after a VP.ENTER that was BUSY, and after a fault that must be repeated.
  dsl::Parameter fastpath, on_zero_step, fault_loop;
  // What the guest does, and whether vCPUs are still being created instead.
  dsl::Parameter guest_tdcalls, guest_reads_attributes, guest_faults, creates_vcpus;
  Generation module;

  dsl::IndexSet vcpu, gfns;
  System system;
  Td td;
  Kick kick;
  RwLock mmu_lock;
  Mutex seamcall_lock;
  dsl::Variable mirror;            // [gfn]: the SPTE in the mirror page table
  dsl::Variable wait_for_sept_zap; // keep_out = flag
  dsl::Variable no_entry;          // [vcpu]: keep_out = request
  dsl::Variable flush_request;     // [vcpu]: KVM_REQ_TLB_FLUSH of v19
  dsl::Variable tracking;          // v19: tdh_mem_track > 0
  dsl::Variable vm_dead;
  dsl::Variable tries; // of the zapper: at the SEAMCALL that it repeats
};

} // namespace tdxcheck::protocols
