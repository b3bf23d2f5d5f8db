// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Faults that install private pages: the mirror page table and the S-EPT under mmu_lock held for read. The
// essay is at the head of sept_install.cpp.
//
// One member per kernel function; a file of your own may derive from SeptInstall and replace one.

#include <functional>
#include <string>

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/host_locks.h"
#include "protocols/parts/kick.h"
#include "protocols/parts/mirror.h"

namespace tdxcheck::protocols {

class SeptInstall : public dsl::Protocol {
public:
  SeptInstall();

protected:
  // A thread, the GFN it is about, and what functions return to each other.
  struct Task {
    dsl::Thread& t;
    dsl::Variable gfn;          // of the fault or the zap
    dsl::Variable rax, operand; // of the last SEAMCALL
    dsl::Variable ret;          // of the last kernel function that returns something
  };
  // What the guest is at, and why it came out.
  struct GuestRun {
    dsl::Variable gfn, accepts, exit;
  };
  // An SPTE that a fault installs, and the hook that makes the S-EPT follow.
  struct Install {
    std::string name;
    dsl::Variable spte;
    std::string old; // what the walk read
    dsl::Body external;
    std::function<void(dsl::StepWords&)> publishes; // said of the step that shows the new value
  };

  void define() override;

  // arch/x86/kvm/mmu, virt/kvm: mmu.cpp
  virtual void kvm_tdp_mmu_page_fault(Task& k);
  virtual void kvm_tdp_mmu_map(Task& k);
  virtual void tdp_mmu_link_sp(Task& k, const std::string& old);
  virtual void tdp_mmu_map_handle_target_level(Task& k, const std::string& old);
  virtual void tdp_mmu_set_spte_atomic(Task& k, const Install& install);
  virtual void set_external_spte_present(Task& k, const Install& install);
  virtual void kvm_gmem_punch_hole(Task& k);
  virtual void tdp_mmu_zap_leafs(Task& k);
  virtual void tdp_mmu_zap_spte_atomic(Task& k);

  // arch/x86/kvm/vmx/tdx.c: tdx.cpp
  virtual void tdx_handle_ept_violation(Task& k);
  virtual void tdx_vcpu_run(Task& k, const GuestRun& guest);
  virtual void come_back(Task& k, const GuestRun& guest);
  virtual void guest_body(Task& k, const GuestRun& guest, Guest& inside);
  virtual void tdx_sept_link_private_spt(Task& k);
  virtual void tdx_mem_page_aug(Task& k);
  virtual void tdx_sept_remove_private_spte(Task& k);
  virtual void tdx_no_vcpus_enter_start(Task& k);
  virtual void tdx_no_vcpus_enter_stop(Task& k);
  // A SEAMCALL on the S-EPT: its wrapper, and what its status means to a fault (0, -EBUSY, -EIO).
  virtual void seamcall_sept(Task& k, const std::string& name, const dsl::Body& seamcall);
  virtual void fault_status(Task& k, const std::string& seamcall);

  // Threads: threads.cpp
  virtual void vcpu_enter_guest(Task& k, const GuestRun& guest);
  virtual void kvm_vcpu_ioctl_run(Task& k, const GuestRun& guest);
  virtual void kvm_tdp_map_page(Task& k);
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void punching_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();
  void landed_variants();
  void races_of_the_mirror();
  void wrappers_that_repeat();
  void fault_loops();

  Task task(dsl::Thread& t);
  void kvm_bug(Task& k, const std::string& text, dsl::Location where = dsl::Location::current());
  [[nodiscard]] dsl::Expr is_busy(const Task& k) const;
  // What ends a loop in the kernel that would otherwise try again.
  void interrupted_or_dead(Task& k, const dsl::Expr& looks_at_vm_dead);

  [[nodiscard]] TdSpec td_spec() const;
  [[nodiscard]] Caller caller(Task& k) const;
  // There is one page table.
  [[nodiscard]] dsl::Expr table() const { return td.tables.member(0); }

  // Sizes.
  dsl::Parameter vcpus, pages;
  // What happens.
  dsl::Parameter guest_touches, guest_accepts, one_rip, prefault, events, zaps, page_owned_elsewhere;
  // Forms of the code.
  dsl::Parameter freeze, zap_lock, fault_loop, loop_checks_vm_dead, enter_busy;
  dsl::Parameter seamcall_retries, busy_test, args_lost_on_retry, seamcall_spinlock;

  Generation module;
  dsl::Parameter host_priority, zero_step, zero_step_threshold;

  dsl::IndexSet cpu, vcpu, gfn;
  System system;
  Td td;
  RwLock mmu_lock;
  Mutex seamcall_lock;
  Kick kick;
  dsl::Variable mirror_table;      // the SPTE that the one page table hangs from
  dsl::Variable mirror_page;       // [gfn]
  dsl::Variable invalidating;      // the GFN of an invalidation in progress
  dsl::Variable seq_current;       // vCPUs whose mmu_seq is still the VM's mmu_invalidate_seq
  dsl::Variable wait_for_sept_zap; // to_kvm_tdx(kvm)->wait_for_sept_zap
  dsl::Variable vm_dead;
};

} // namespace tdxcheck::protocols
