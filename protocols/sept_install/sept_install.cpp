// SPDX-License-Identifier: GPL-2.0-or-later

// Installing private pages: vCPUs that take EPT violations walk the mirror page table under mmu_lock held for
// read, freeze the SPTE they want to change, make the S-EPT follow by TDH.MEM.SEPT.ADD or TDH.MEM.PAGE.AUG,
// and publish the SPTE or give it back its old value. A SEAMCALL that finds a lock of the module taken
// answers TDX_OPERAND_BUSY, and the fault starts again.
//
// THE QUESTIONS. What keeps the mirror and the S-EPT the same when several vCPUs install, and somebody zaps?
// Sean Christopherson drew two races in January 2023 in which a plain compare-and-exchange of the mirror does
// not, and a lock around each SEAMCALL does not help: a SEAMCALL that is late undoes a zap; a child's AUG
// overtakes its parent's SEPT.ADD. So `freeze` and the lock that zaps hold (`zap_lock`) are parameters here.
// What becomes of BUSY? Up to September 2024 a wrapper repeated the SEAMCALL up to 16 times
// (`seamcall_retries`), comparing the whole status (`busy_test`) and, in the last posting, with arguments
// that the failed call had overwritten (`args_lost_on_retry`). "Re: [PATCH 09/21] KVM: TDX: Retry seamcall
// when TDX_OPERAND_BUSY with operand SEPT": Rick Edgecombe would rather let the fault loop do the retries, if
// KVM survives the module's zero-step defence then; Yan Zhao's answer is the local loop of
// tdx_handle_ept_violation() (`fault_loop`), and what ends it (`events`, `loop_checks_vm_dead`). What a vCPU
// does that may not enter the guest now (BUSY, or a zap keeps it out) is `enter_busy`.
//
// SOURCES. Sean Christopherson, 2023-01-19 (Message-ID Y8m34OEVBfL7Q4Ns), 2023-01-20 (Y8st2PjGDQ+Q0LlW),
// 2023-01-23 (Y87GzHrx8vxZLBEJ) for the races; the series v10 to v19 for frozen SPTEs and seamcall_sept();
// "Re: [PATCH 09/21] ..." (4 to 13 September 2024, posting of 2024-09-04) and "[RFC PATCH 0/2] SEPT SEAMCALL
// retry proposal" (2024-11-21) for the retries; Linux 6.16 arch/x86/kvm/mmu/tdp_mmu.c kvm_tdp_mmu_map,
// __tdp_mmu_set_spte_atomic, set_external_spte_present and arch/x86/kvm/vmx/tdx.c tdx_handle_ept_violation,
// tdx_mem_page_aug, tdx_sept_link_private_spt for the landed form. The module's side is in
// protocols/module/td.h.
//
// THREADS
//   vcpu[v]   a user thread, for ever, or stopping at any time between two ioctls: KVM_RUN until the guest
//             has done one instruction, which touches or accepts a page of the guest's choice (a hostile
//             guest may choose anything or nothing); where `prefault` allows it also KVM_PRE_FAULT_MEMORY. A
//             fault ends with the instruction, or with a signal, or with the VM.
//   zapper    takes a page of its choice away: never, once or for ever (`zaps`).
// All GFNs lie below one page table, which nobody has installed yet.
//
// LEFT OUT. TLB tracking, so TRACK, the kick after it, the write-back and what REMOVE asks of them: they are
// the zap's own business (sept_zap); here a zap is BLOCK and REMOVE with the landed rule for BUSY. Memslots
// and SRCU, so the local loop's look at an invalid memslot (memslot_delete). Roots, which always exist
// (mirror_root). The locks that nobody takes here in a mode that conflicts: TDR, OP_STATE, TDVPR, EPOCH, and
// the PAMT entries (whoever names a page holds its S-EPT entry). Large pages. What an SPTE maps: the page of
// a GFN changes only when a hole is punched, and `no_stale_pfn` says that no fault maps the one before.
// Host priority, except in landed_host_priority: without it guests are not turned away, which lets them
// disturb the host more than the module does. Allocation failures; mmu_invalidate_seq is known by who has its
// current value. vCPUs stay on their pCPUs. Barriers: memory is sequentially consistent.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

SeptInstall::SeptInstall()
    : Protocol("sept_install",
               "Faults install private pages: FROZEN_SPTE, SEPT.ADD, PAGE.AUG, and what becomes of BUSY"),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPUs of the VM")),
      pages(integer_parameter("pages", 2, 1, 3, "GFNs below the one page table")),
      guest_touches(bool_parameter("guest_touches", true, "guests read or write pages")),
      guest_accepts(bool_parameter("guest_accepts", true, "guests issue TDG.MEM.PAGE.ACCEPT")),
      one_rip(bool_parameter("one_rip", false,
                             "guests touch one page after the other by the same instruction, so that the "
                             "faults count as faults at one RIP")),
      prefault(bool_parameter("prefault", false, "vCPU threads may issue KVM_PRE_FAULT_MEMORY")),
      events(bool_parameter("events", false,
                            "a signal or an event for a vCPU may be pending whenever somebody looks")),
      zaps(enum_parameter("zaps", {"once", "never", "for_ever"}, "how often pages are taken away")),
      page_owned_elsewhere(bool_parameter(
          "page_owned_elsewhere", false, "the last GFN's page belongs to somebody else: AUG cannot succeed")),
      freeze(bool_parameter("freeze", true, "an SPTE is FROZEN_SPTE while its SEAMCALL is under way")),
      zap_lock(enum_parameter("zap_lock", {"write", "read"}, "how a zap holds mmu_lock")),
      fault_loop(enum_parameter("fault_loop", {"every_retry", "frozen_only", "never"},
                                "for which answers the fault handler tries again by itself; for others the "
                                "vCPU goes back into the guest")),
      loop_checks_vm_dead(bool_parameter("loop_checks_vm_dead", true, "that loop ends when the VM is dead")),
      enter_busy(
          enum_parameter("enter_busy", {"exit_handled", "reenter"},
                         "what tdx_vcpu_run() makes of BUSY and of wait_for_sept_zap: back to the outer "
                         "loop, or into the guest at once, with IRQs off")),
      seamcall_retries(limit_parameter("seamcall_retries", 0, 16,
                                       "how often a wrapper repeats SEPT.ADD or AUG that is BUSY")),
      busy_test(enum_parameter("busy_test", {"class", "exact_sept"},
                               "which statuses are BUSY: the class, or the class with the operand SEPT")),
      args_lost_on_retry(bool_parameter("args_lost_on_retry", false,
                                        "a repeated call gets what the failed one left in RCX and RDX")),
      seamcall_spinlock(bool_parameter("seamcall_spinlock", false, "a spinlock per VM around each SEAMCALL")),
      module(module_parameter(*this)),
      host_priority(bool_parameter("host_priority", false,
                                   "a guest's TDCALL is turned away while a host call waits for the entry; "
                                   "without, it may disturb the host more than the module lets it")),
      zero_step(bool_parameter("zero_step", true, "the module's zero-step defence")),
      zero_step_threshold(integer_parameter("zero_step_threshold", 6, 1, 6,
                                            "faults at one RIP that arm it; the module's number is 6")),
      cpu(index_set("cpu", 1)),
      vcpu(index_set("vcpu", vcpus)),
      gfn(index_set("gfn", pages)),
      system(*this, {.module = module, .cpus = cpu}),
      td(*this, system, td_spec()),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 10, .guard = "mmu_lock"},
               vcpus + 1, 1),
      seamcall_lock(*this, {.name = "seamcall_lock", .doc = "around each SEAMCALL", .rank = 20}, false),
      kick(*this, vcpu),
      mirror_table(variable("mirror_2m", mirror_spte_type(), "SHADOW_NONPRESENT",
                            "mirror SPTE that the one page table hangs from")),
      mirror_page(variable("mirror", gfn, mirror_spte_type(), "SHADOW_NONPRESENT", "mirror SPTE of a page")),
      invalidating(variable("mmu_invalidate_in_progress", dsl::optional_index(gfn), dsl::none(),
                            "the GFN of an invalidation in progress")),
      seq_current(variable("mmu_seq_current", dsl::subset(vcpu), dsl::empty_set(),
                           "vCPUs whose mmu_seq is still mmu_invalidate_seq")),
      wait_for_sept_zap(variable("wait_for_sept_zap", dsl::boolean(), false)),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead")) {}

TdSpec SeptInstall::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .gfns = gfn, .callers = vcpus + 1};
  spec.modelled.tdr = false;
  spec.modelled.tdvpr = false;
  spec.modelled.epoch = false;
  spec.modelled.kot = false;
  spec.modelled.host_priority = host_priority;
  spec.modelled.tlb_tracking = false;
  spec.modelled.association = false;
  spec.modelled.zero_step = zero_step;
  spec.large_entries = "FREE";
  spec.guest_steps = model::Fairness::weak;
  spec.zero_step_threshold = zero_step_threshold;
  return spec;
}

Caller SeptInstall::caller(Task& k) const {
  return {.t = k.t, .rax = k.rax, .cpu = cpu.member(0), .operand = k.operand};
}

} // namespace tdxcheck::protocols
