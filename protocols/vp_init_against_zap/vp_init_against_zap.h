// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// TDH.VP.INIT, which holds TDR exclusive, against the zap of private pages. The essay is at the head of
// vp_init_against_zap.cpp.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class VpInitAgainstZap : public dsl::Protocol {
public:
  VpInitAgainstZap();

protected:
  struct Task {
    dsl::Thread& t;
    dsl::Variable rax;
    [[nodiscard]] Caller caller() const { return {t, rax}; }
  };

  void define() override;

  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_vcpu_init(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_td_vcpu_init(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_td_finalize(Task& k);
  virtual void tdx_sept_remove_private_spte(Task& k, const dsl::Expr& gfn);
  // virt/kvm/guest_memfd.c
  virtual void kvm_gmem_punch_hole(Task& k);

  void bug_unless_success(Task& k, const std::string& text, dsl::Location where = dsl::Location::current());
  void claims();
  void variants();
  [[nodiscard]] TdSpec td_spec() const;

  dsl::Parameter vcpus, pages, mmu_lock_in_vp_init, vp_init_version, state_locks, finalizes,
      mmu_lock_in_finalize, zap_retries;
  dsl::IndexSet cpus, vcpu, gfns;
  System system;
  Td td;
  Mutex kvm_lock;
  RwLock mmu_lock;
  dsl::Variable vcpu_done, zapped;
};

} // namespace tdxcheck::protocols
