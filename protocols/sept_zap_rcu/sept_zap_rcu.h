// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A pruned branch of the S-EPT that an RCU callback takes apart. The essay is at the head of
// sept_zap_rcu.cpp.
//
// One member per kernel function; a file of your own may derive from SeptZapRcu and replace one.

#include <string>

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
  // A thread, and the status of its last SEAMCALL.
  struct Task {
    dsl::Thread& t;
    dsl::Variable rax;
  };

  void define() override;

  // The proposal, step by step.
  virtual void prune_branch(Task& k);
  virtual void free_branch(Task& k); // the callback
  virtual void block_leaves(Task& k);
  virtual void block_parent(Task& k);
  virtual void remove_leaves(Task& k);
  virtual void remove_parent(Task& k);
  // A SEAMCALL of the pruner, or of the callback.
  virtual void with_mmu_lock(Task& k, const std::string& name, const dsl::Body& seamcall);
  virtual void in_callback(Task& k, const std::string& name, const dsl::Body& seamcall);
  virtual void kick_vcpus(Task& k);

  // What goes on meanwhile.
  virtual void vcpu_enter_guest(Task& k);
  virtual void guest_body(Task& k, Guest& inside);
  virtual void tdx_handle_ept_violation(Task& k);
  virtual void kvm_tdp_mmu_map(Task& k);
  virtual void walk_lockless(Task& k);

  virtual void vcpu_thread(dsl::Thread& t);
  virtual void pruning_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  void kvm_bug(Task& k, const std::string& text, dsl::Location where = dsl::Location::current());
  [[nodiscard]] Caller caller(Task& k) const;
  [[nodiscard]] TdSpec td_spec() const;
  [[nodiscard]] dsl::Expr branch() const { return table.member(0); }
  [[nodiscard]] dsl::Expr is_child(const dsl::Expr& gfn) const;
  // The page that the vCPU faults on next, elsewhere.
  [[nodiscard]] dsl::Expr own_gfn(dsl::Thread& t) const;
};

} // namespace tdxcheck::protocols
