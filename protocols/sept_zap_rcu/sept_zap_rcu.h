// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A pruned branch of the S-EPT that an RCU callback takes apart. The essay is at the head of
// sept_zap_rcu.cpp.
//
// One member per function of the proposal or of the kernel; a file of your own may derive from SeptZapRcu and
// replace one.

#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"
#include "protocols/parts/kick.h"
#include "protocols/parts/mirror.h"
#include "protocols/parts/rcu.h"

namespace tdxcheck::protocols {

class SeptZapRcu : public dsl::Protocol {
public:
  SeptZapRcu();

protected:
  // A thread, the status of its last SEAMCALL, and whether one met with KVM_BUG_ON.
  struct Task {
    dsl::Thread& t;
    dsl::Variable rax, failed;
    bool is_callback = false;
  };

  // The one instruction that the guest is at, and what became of it.
  struct GuestRun {
    dsl::Variable gfn, accepts, exit;
  };

  void define() override;

  // The proposal.
  virtual void prune_branch(Task& k); // R1 to R4, under mmu_lock held for write
  virtual void free_branch(Task& k);  // R6, the callback
  virtual void block_leaves(Task& k);
  virtual void block_parent(Task& k);
  virtual void track(Task& k);
  virtual void remove_leaves(Task& k);
  virtual void remove_parent(Task& k);
  // A SEAMCALL of either, repeated as its rule says.
  virtual void seamcall(Task& k, const std::string& loop, const dsl::Body& call);
  virtual void kick_vcpus(Task& k);
  virtual void tdx_no_vcpus_enter_start(Task& k);
  virtual void tdx_no_vcpus_enter_stop(Task& k);

  // What goes on meanwhile: arch/x86/kvm.
  virtual void vcpu_run(Task& k, const GuestRun& guest);
  virtual void vcpu_enter_guest(Task& k, const GuestRun& guest);
  virtual void tdx_handle_ept_violation(Task& k, const GuestRun& guest);
  virtual void kvm_tdp_mmu_map(Task& k, const GuestRun& guest);
  virtual void walk_lockless(Task& k);

  virtual void vcpu_thread(dsl::Thread& t);
  virtual void pruning_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();
  void as_proposed();
  void leaves_first();
  void pages_only();

  void kvm_bug(Task& k, const std::string& text, dsl::Location where = dsl::Location::current());
  [[nodiscard]] Task task(dsl::Thread& t, bool is_callback = false) const;
  [[nodiscard]] Caller caller(Task& k) const;
  [[nodiscard]] TdSpec td_spec() const;
  [[nodiscard]] dsl::Expr branch() const { return td.tables.member(0); }
  [[nodiscard]] std::vector<dsl::Expr> children() const;
  [[nodiscard]] dsl::Expr is_child(const dsl::Expr& gfn) const;
  // The page elsewhere that this vCPU faults on next.
  [[nodiscard]] dsl::Expr next_page(dsl::Thread& t) const;

  // What goes on meanwhile.
  dsl::Parameter faults_elsewhere, guests_in_branch, slot_comes_back, lockless_walks;
  // The proposal, and what is left open in it.
  dsl::Parameter prune, removes_table, retries, callback_kicks, context;
  // What the module locks.
  Generation module;
  dsl::Parameter tree_lock;

  dsl::IndexSet cpu, vcpu, gfn, table; // table: the branch's, and the one elsewhere
  System system;
  Td td;
  RwLock mmu_lock;
  Rcu rcu;
  Kick kick;
  dsl::Variable mirror_branch; // the mirror SPTE that the branch hangs from
  dsl::Variable wait_for_sept_zap;
  dsl::Variable vm_dead;
  dsl::Variable sp_freed; // the branch's mirror page table was given back
};

} // namespace tdxcheck::protocols
