// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One or more TDs as the TDX module sees them: life cycle, HKID, vCPU association; and the SEAMCALLs on them,
// one function each, locks and checks in the order of the module's source (tag TDX_1.5.01; file names at each
// function).
//
// Every vCPU belongs to TD 0; a further TD has none. Each pCPU is a package of its own, so the write-back of
// a package runs on that pCPU.
//
// Left out: operand validity (addresses, alignment, page types that cannot be wrong here), TD_FATAL, entropy,
// the PAMT levels above the entry (no call here names a page of the range of another), the TD epoch (its lock
// is taken exclusively by TDH.MEM.TRACK alone, and one zapper at a time exists here), the zero-step defence.
// Checks that nothing can falsify while the locks are held are part of the step that decides the status.

#include <string>

#include "dsl/dsl.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/module_locks.h"

namespace tdxcheck::protocols {

class Td {
public:
  // `write_back_blocks`: parts of a package's write-back between which an interrupt may stop it.
  // `private_page`: TD 0 has one. `vcpus_exist`: they were created. `may_leave_vmx`: some pCPU may execute
  // VMXOFF, so that every SEAMCALL looks first.
  Td(dsl::Protocol& protocol, const Cpus& cpus, const dsl::IndexSet& tds, const dsl::IndexSet& vcpus,
     const dsl::Expr& write_back_blocks, const dsl::Expr& private_page, const dsl::Expr& vcpus_exist,
     const dsl::Expr& may_leave_vmx);
  virtual ~Td() = default;

  // `rax` holds the status afterwards; `cpu` is the pCPU that executes the call (it may be empty where the
  // thread is preemptible and no pCPU leaves VMX operation).
  virtual void mng_vpflushdone(dsl::Thread& t, const dsl::Expr& td, const dsl::Expr& cpu,
                               const dsl::Variable& rax) const;
  virtual void mng_key_freeid(dsl::Thread& t, const dsl::Expr& td, const dsl::Expr& cpu,
                              const dsl::Variable& rax) const;
  virtual void vp_flush(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                        const dsl::Variable& rax) const;
  virtual void vp_rd(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                     const dsl::Variable& rax) const;
  // Up to and including the TD exit.
  virtual void vp_enter(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                        const dsl::Variable& rax) const;
  // TDH.PHYMEM.*
  virtual void phymem_cache_wb(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Expr& resume,
                               const dsl::Variable& rax) const;
  virtual void phymem_page_reclaim_tdvpr(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                                         const dsl::Variable& rax) const;
  virtual void phymem_page_reclaim_tdr(dsl::Thread& t, const dsl::Expr& td, const dsl::Expr& cpu,
                                       const dsl::Variable& rax) const;
  // The private page of TD 0.
  virtual void mem_range_block(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax) const;
  virtual void mem_page_remove(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax) const;
  virtual void phymem_page_reclaim_private(dsl::Thread& t, const dsl::Expr& cpu,
                                           const dsl::Variable& rax) const;

  [[nodiscard]] dsl::Expr associated(const dsl::Expr& vcpu) const { return is_some(assoc[vcpu]); }
  [[nodiscard]] dsl::Expr associated_vcpus(const dsl::Expr& td) const; // TDCS.num_assoc_vcpus
  [[nodiscard]] dsl::Expr every_package_wrote_back(const dsl::Expr& td) const;
  [[nodiscard]] dsl::Expr keys_configured(const dsl::Expr& td) const {
    return lifecycle[td] == "TD_KEYS_CONFIGURED";
  }

  dsl::IndexSet tds, vcpus;
  dsl::Variable lifecycle;    // [td]
  dsl::Variable hkid_state;   // [td]: KOT[hkid]
  dsl::Variable written_back; // [td]: packages whose bit in wbinvd_bitmap is clear again
  dsl::Variable assoc;        // [vcpu]: pCPU
  dsl::Variable vcpu_active;  // [vcpu]: state ACTIVE, otherwise READY
  dsl::Variable page;         // S-EPT entry of the private page
  dsl::Variable vcpu_pages;   // [vcpu]: the TDVPR page belongs to the TD
  dsl::Variable tdr_page;     // [td]: likewise the TDR
  dsl::Variable vmx_on;       // [cpu]

private:
  void begin(Seamcall& call, const dsl::Expr& cpu) const;
  // The TD's lifecycle prologue of most leaves, for a caller that holds the TDR shared: nobody can change it.
  void build_state(Seamcall& call, const dsl::Expr& td) const;
  void associate(Seamcall& call, const dsl::Expr& vcpu, const dsl::Expr& cpu, dsl::Thread& t,
                 const dsl::Variable& rax) const;

  void write_back_blocks(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax) const;
  void reclaim(Seamcall& call, const dsl::Expr& torn_down, const dsl::Variable& owned) const;

  const Cpus* cpus_;
  dsl::Expr may_leave_vmx_, blocks_;
  SharexLock tdr_, tdvpr_, op_state_, kot_, wbt_;
  dsl::Variable snapshot_, progress_; // [cpu]: of a package's write-back
};

} // namespace tdxcheck::protocols
