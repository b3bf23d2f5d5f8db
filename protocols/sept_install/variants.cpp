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
           .set = {{"host_priority", "true"}},
           .source = landed + "; guests are turned away while a host call waits for the entry",
           .expected = "as landed"});
  variant({.name = "landed_zap_for_ever",
           .set = {{"zaps", "for_ever"}, {"zero_step", "false"}},
           .source = landed + "; user space takes pages away for ever",
           .expected = "as landed, but a fault may never resolve: its page is taken away each time"});
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
  variant({.name = "plain_cmpxchg",
           .set = {{"freeze", "false"}, {"zap_lock", "read"}},
           .source = "the TDP MMU as it was; Sean Christopherson, 2023-01-19, Message-ID Y8m34OEVBfL7Q4Ns",
           .expected = "violated: a late SEAMCALL undoes a zap, mirror and S-EPT differ for good"});
  variant({.name = "plain_cmpxchg_spinlock",
           .set = {{"freeze", "false"}, {"zap_lock", "read"}, {"seamcall_spinlock", "true"}},
           .source = "likewise, a spinlock per VM around each SEAMCALL",
           .expected = "violated in the same way"});
  variant({.name = "write_lock_for_overwrite",
           .set = {{"freeze", "false"}},
           .source = "Sean Christopherson, 2023-01-20, Message-ID Y8st2PjGDQ+Q0LlW, taken back on 2023-01-23 "
                     "(Y87GzHrx8vxZLBEJ)",
           .expected = "violated: a child's PAGE.AUG overtakes its parent's SEPT.ADD, the walk fails"});
  variant({.name = "write_lock_for_overwrite_spinlock",
           .set = {{"freeze", "false"}, {"seamcall_spinlock", "true"}},
           .source = "likewise, a spinlock per VM around each SEAMCALL",
           .expected = "violated in the same way"});
  variant({.name = "frozen_zap_shared",
           .set = {{"zap_lock", "read"}},
           .source = "series v10 and v11, FROZEN_SPTE (REMOVED_SPTE then) on both sides; zaps under mmu_lock "
                     "held for read",
           .expected = "the mirror and the S-EPT never differ"});
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
           .expected = "fine: what is still BUSY after 17 calls is a fault that is tried again"});
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
           .expected = "for the checker to decide"});
}

void SeptInstall::fault_loops() {
  const std::string before = "before the local loop (2024)";
  variant({.name = "landed_events",
           .set = {{"events", "true"}, {"zaps", "never"}, {"zero_step_threshold", "2"}},
           .source = "Linux 6.16, tdx_handle_ept_violation: a pending event ends the local loop",
           .expected = "for the checker to decide"});
  variant({.name = "no_local_loop",
           .set = {{"fault_loop", "never"}},
           .source = before + "; Rick Edgecombe, 2024-09-10: let KVM's fault loop do the retries, if it "
                              "survives the zero-step defence",
           .expected = "safe"});
  variant({.name = "frozen_only_loop",
           .set = {{"fault_loop", "frozen_only"}},
           .source = "Sean Christopherson, 2024-09-13, Message-ID ZuR09EqzU1WbQYGd: RET_PF_RETRY_FROZEN",
           .expected = "not enough: BUSY and invalidations send the vCPU back into the guest as well (Yan "
                       "Zhao)"});
  variant({.name = "loop_without_vm_dead",
           .set = {{"loop_checks_vm_dead", "false"}, {"page_owned_elsewhere", "true"}, {"zaps", "never"}},
           .source = "the local loop without its look at KVM_REQ_VM_DEAD",
           .expected = "for the checker to decide"});
  variant({.name = "reenter",
           .set = {{"enter_busy", "reenter"}},
           .source = "Linux 6.16, the comment in tdx_vcpu_run against EXIT_FASTPATH_REENTER_GUEST",
           .expected = "for the checker to decide"});
}

} // namespace tdxcheck::protocols
