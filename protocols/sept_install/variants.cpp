// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sept_install. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

void SeptInstall::variants() {
  landed_variants();
  races_of_the_mirror();
  wrappers_that_repeat();
  fault_loops();
}

void SeptInstall::landed_variants() {
  const std::string landed = "Linux 6.16, kvm_tdp_mmu_map and tdx_handle_ept_violation";
  variant(
      {.name = "landed",
       .set = {},
       .source = landed,
       .expected = "the mirror and the S-EPT never differ, BUSY ends in another try, every fault resolves"});
  default_variant("landed");
  variant({.name = "landed_1_5_16",
           .set = {{"module", "1.5.16"}},
           .source = landed + "; a module whose zero-step check takes the tree lock exclusive",
           .expected = "as landed"});
  variant({.name = "landed_1_0",
           .set = {{"module", "1.0"}},
           .source = landed + "; a module whose SEPT.ADD and PAGE.AUG take the tree lock exclusive "
                              "(the specification as quoted in January 2023)",
           .expected = "as landed: faults make each other BUSY, and one of them succeeds"});
  variant({.name = "landed_host_priority",
           .set = {{"host_priority", "true"}, {"guest_touches", "false"}, {"zero_step", "false"}},
           .source = landed + "; guests are turned away while a host call waits for the entry",
           .expected = "as landed"});
  variant({.name = "landed_zap_for_ever",
           .set = {{"zaps", "for_ever"}, {"zero_step", "false"}},
           .source = landed + "; user space takes pages away for ever",
           .expected = "as landed, but a fault may never resolve",
           .finding =
               "As expected: invalidations that keep coming answer a fault with RETRY each time, zap or not. "
               "The local loop has no limit, and only a signal or an event ends it."});
  variant({.name = "landed_prefault",
           .set = {{"prefault", "true"}, {"zaps", "never"}},
           .source = landed + "; KVM_PRE_FAULT_MEMORY, kvm_tdp_map_page",
           .expected = "the two retry loops go together"});
  variant({.name = "landed_page_owned",
           .set = {{"page_owned_elsewhere", "true"}, {"zaps", "never"}},
           .source = landed + "; TDH.MEM.PAGE.AUG cannot succeed, because the host's page is not free",
           .expected = "KVM_BUG_ON, then KVM_REQ_VM_DEAD ends every fault"});
}

void SeptInstall::races_of_the_mirror() {
  variant(
      {.name = "plain_cmpxchg",
       .set = {{"freeze", "false"}, {"zap_lock", "read"}, {"guest_accepts", "false"}, {"zero_step", "false"}},
       .source = "the TDP MMU as it was; Sean Christopherson, 2023-01-19, Message-ID Y8m34OEVBfL7Q4Ns",
       .expected = "violated: a late SEAMCALL undoes a zap, mirror and S-EPT differ for good"});
  variant({.name = "plain_cmpxchg_spinlock",
           .set = {{"freeze", "false"},
                   {"zap_lock", "read"},
                   {"seamcall_spinlock", "true"},
                   {"guest_accepts", "false"},
                   {"zero_step", "false"}},
           .source = "likewise, a spinlock per VM around each SEAMCALL",
           .expected = "violated in the same way"});
  variant({.name = "write_lock_for_overwrite",
           .set = {{"freeze", "false"}, {"guest_accepts", "false"}, {"zero_step", "false"}},
           .source = "Sean Christopherson, 2023-01-20, Message-ID Y8st2PjGDQ+Q0LlW, taken back on 2023-01-23 "
                     "(Y87GzHrx8vxZLBEJ)",
           .expected = "violated: a child's PAGE.AUG overtakes its parent's SEPT.ADD, the walk fails"});
  variant({.name = "write_lock_for_overwrite_spinlock",
           .set = {{"freeze", "false"},
                   {"seamcall_spinlock", "true"},
                   {"guest_accepts", "false"},
                   {"zero_step", "false"}},
           .source = "likewise, a spinlock per VM around each SEAMCALL",
           .expected = "violated in the same way"});
  variant({.name = "frozen_zap_shared",
           .set = {{"zap_lock", "read"}, {"guest_accepts", "false"}, {"zero_step", "false"}},
           .source = "series v10 and v11, FROZEN_SPTE (REMOVED_SPTE then) on both sides; zaps under mmu_lock "
                     "held for read",
           .expected = "the mirror and the S-EPT never differ",
           .finding =
               "Freezing keeps the two together, but not the tree lock free: RANGE.BLOCK wants it exclusive "
               "and faults elsewhere hold it shared, with mmu_lock held for read by both. Twice BUSY is "
               "KVM_BUG_ON, and the page is leaked. Installs may share mmu_lock, removals may not."});
}

void SeptInstall::wrappers_that_repeat() {
  const std::string thread =
      "Re: [PATCH 09/21] KVM: TDX: Retry seamcall when TDX_OPERAND_BUSY with operand SEPT";
  variant({.name = "spinlock",
           .set = {{"seamcall_spinlock", "true"}},
           .source = thread + ", Paolo Bonzini: a spinlock removes all BUSY that the host makes",
           .expected = "only guests make SEAMCALLs BUSY"});
  variant({.name = "retry_16",
           .set = {{"seamcall_retries", "16"}, {"busy_test", "exact_sept"}, {"zaps", "never"}},
           .source = "v11 to v19, seamcall_sept(); the side of SEPT.ADD and PAGE.AUG",
           .expected = "fine: what is still BUSY after 17 calls is a fault that is tried again",
           .finding =
               "Not with this test: a guest's TDG.MEM.PAGE.ACCEPT on the page that is being installed holds "
               "the entry, AUG answers BUSY with the operand RCX, which is not the one that is compared, "
               "and is taken for an error: KVM_BUG_ON."});
  variant(
      {.name = "retry_16_1_0",
       .set = {{"seamcall_retries", "16"}, {"busy_test", "exact_sept"}, {"module", "1.0"}, {"zaps", "never"}},
       .source = "retry_16 on a module that has the tree lock alone",
       .expected = "fine, as retry_16",
       .finding =
           "So it is: all BUSY is about the tree, and 17 calls do happen. From 1.5 on faults share the "
           "tree, and the loop has work only where a zap or a zero-step check holds it."});
  variant({.name = "retry_16_class",
           .set = {{"seamcall_retries", "16"}, {"zaps", "never"}},
           .source = "seamcall_sept() with a test for the class of the status; nobody's posting",
           .expected = "mends what no_kvm_bug finds in retry_16"});
  variant({.name = "retry_16_args_lost",
           .set = {{"seamcall_retries", "16"},
                   {"busy_test", "exact_sept"},
                   {"args_lost_on_retry", "true"},
                   {"module", "1.0"},
                   {"zaps", "never"}},
           .source = "[PATCH 09/21], 2024-09-04: tdx_seamcall_sept() calls seamcall_ret() with the caller's "
                     "arguments, which it overwrites",
           .expected = "for the checker to decide",
           .finding =
               "No repeated call can succeed: a leaf that fails leaves 0 in RCX and RDX unless it has "
               "something to say there, so the second call names no TD, and its error is KVM_BUG_ON. The "
               "module's source says so (vmm_regs in tdh_mem_page_aug.c); the copy was meant to be what "
               "seamcall_ret() gets."});
}

void SeptInstall::fault_loops() {
  const std::string before = "before the local loop (2024)";
  const std::string fake_exits =
      "Once the zero-step check suspects a page, a module up to 1.5.16 counts it as missing as long as it is "
      "PENDING, although an access would be a #VE: every TDH.VP.ENTER is a fake EPT violation, the fault "
      "handler "
      "finds the page mapped, and the guest never gets to accept it (vcpus=1 shows this alone). Another vCPU "
      "can, and nothing else helps; guests that accept before they touch are not concerned. That a PENDING "
      "page "
      "counts is read from the module's source, what follows from it is this model's conclusion.";
  const std::string in_turns =
      "Two vCPUs that are suspected keep each other from being served: the check of one holds the tree "
      "exclusive while the other's SEPT.ADD or AUG is BUSY, and in turns so for ever. From 1.5.20 on the "
      "check "
      "shares the tree. ";
  variant({.name = "no_local_loop",
           .set = {{"fault_loop", "never"}, {"guest_accepts", "false"}},
           .source = before + "; Rick Edgecombe, 2024-09-10: let KVM's fault loop do the retries, if it "
                              "survives the zero-step defence",
           .expected = "safe; it can trip the zero-step defence",
           .finding =
               "Both are so, with a module from 1.5.20 on: every fault ends. The defence is tripped by one "
               "vCPU that meets another's FROZEN_SPTE, or an invalidation, seven times."});
  variant({.name = "no_local_loop_1_5_16",
           .set = {{"fault_loop", "never"}, {"guest_accepts", "false"}, {"module", "1.5.16"}},
           .source = before + "; as no_local_loop, on a module up to 1.5.16",
           .expected = "safe",
           .finding = in_turns + fake_exits});
  variant({.name = "frozen_only_loop",
           .set = {{"fault_loop", "frozen_only"}, {"guest_accepts", "false"}},
           .source = "Sean Christopherson, 2024-09-13, Message-ID ZuR09EqzU1WbQYGd: RET_PF_RETRY_FROZEN",
           .expected = "not enough: BUSY and invalidations send the vCPU back into the guest as well (Yan "
                       "Zhao, Message-ID Zw/KElXSOf1xqLE7)"});
  variant({.name = "landed_events",
           .set = {{"events", "true"}, {"guest_accepts", "false"}, {"zaps", "never"}},
           .source = "Linux 6.16, tdx_handle_ept_violation: a pending event ends the local loop",
           .expected = "for the checker to decide",
           .finding =
               "A pending event sends the vCPU back to the instruction that faulted. If that happens in "
               "seven faults in a row the zero-step defence suspects the page, local loop or not."});
  variant({.name = "landed_events_1_5_16",
           .set = {{"events", "true"}, {"guest_accepts", "false"}, {"zaps", "never"}, {"module", "1.5.16"}},
           .source = "as landed_events, on a module up to 1.5.16",
           .expected = "for the checker to decide",
           .finding = fake_exits});
  variant({.name = "landed_one_rip",
           .set = {{"one_rip", "true"}, {"guest_accepts", "false"}, {"zero_step_threshold", "2"}},
           .source =
               "Sean Christopherson, 2024-12-17: a guest that touches one page after the other by the same "
               "instruction; three pages here do what takes seven",
           .expected = "it trips the zero-step defence, legitimately"});
  variant({.name = "landed_one_rip_1_5_16",
           .set = {{"one_rip", "true"},
                   {"guest_accepts", "false"},
                   {"zero_step_threshold", "2"},
                   {"module", "1.5.16"}},
           .source = "as landed_one_rip, on a module up to 1.5.16",
           .expected = "it trips the zero-step defence, legitimately",
           .finding = fake_exits});
  variant({.name = "loop_without_vm_dead",
           .set = {{"loop_checks_vm_dead", "false"}, {"page_owned_elsewhere", "true"}, {"zaps", "never"}},
           .source = "the local loop without its look at KVM_REQ_VM_DEAD",
           .expected = "for the checker to decide",
           .finding =
               "-EIO from the hook reads RET_PF_RETRY in the fault handler, so after KVM_BUG_ON the loop "
               "goes round for ever: nothing but a signal or an event ends it."});
  variant({.name = "reenter",
           .set = {{"enter_busy", "reenter"}},
           .source = "Linux 6.16, the comment in tdx_vcpu_run against EXIT_FASTPATH_REENTER_GUEST",
           .expected = "for the checker to decide",
           .finding =
               "Deadlock. The sender of a kick marks every vCPU as EXITING first and sends the IPIs together "
               "afterwards; in between a vCPU leaves the guest and comes back, no longer marked. It meets "
               "wait_for_sept_zap and goes round with IRQs off, while the zap waits for its pCPU to take "
               "the IPI. That the IPIs go out together is from general knowledge of kvm_kick_many_cpus()."});
}

} // namespace tdxcheck::protocols
