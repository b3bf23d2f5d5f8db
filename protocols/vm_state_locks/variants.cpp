// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of vm_state_locks. The essay is at the head of vm_state_locks.cpp.

#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

void VmStateLocks::variants() {
  const std::string fix = "KVM: TDX: Guard VM state transitions with all the locks, October 2025, commit "
                          "15945e9ec195";
  variant({.name = "v6_19",
           .set = {},
           .source = "Linux 6.19; " + fix,
           .expected = "good",
           .finding = "So it is, and more: none of these SEAMCALLs is ever BUSY, so -EBUSY of FINALIZE now "
                      "always means that "
                      "a vCPU is being created. That answer is new also for INIT_VCPU and INIT_MEM_REGION: a "
                      "VMM that creates one "
                      "vCPU while it initialises another has to try again. slots_lock keeps out nobody here "
                      "whom kvm->lock does "
                      "not."});
  default_variant("v6_19");
  variant({.name = "v6_19_two_users",
           .set = {{"users", "2"}},
           .source = "Linux 6.19; two threads",
           .expected = "good"});
  variant({.name = "v6_16",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c",
           .expected = "no_kvm_bug violated by odd user space: VP.CREATE meets MR.EXTEND or MR.FINALIZE",
           .finding =
               "Worse than reported: VP.INIT wants the TDR exclusive, too, and is met by GET_CPUID on the "
               "other vCPU "
               "and by INIT_VCPU on it. FINALIZE may come between VP.CREATE and VP.INIT, which then fail: "
               "KVM_BUG_ON "
               "without anything BUSY. Where the VM survives, a page may be added and never measured, and a "
               "vCPU may come "
               "online in a finalized TD. The BUSY TDH.MR.FINALIZE does no harm: user space may repeat it."});
  variant({.name = "v6_16_two_users",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"users", "2"}},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c; two threads",
           .expected = "no_kvm_bug violated by odd user space: VP.CREATE meets MR.EXTEND or MR.FINALIZE"});
  variant({.name = "v6_16_init_vcpus_only",
           .set = {{"locks", "v6_16"},
                   {"extend_error", "EIO"},
                   {"finalizes", "false"},
                   {"populates", "false"},
                   {"gets_cpuid", "false"}},
           .source = "Linux 6.16; threads that do nothing but create vCPUs and initialise them",
           .expected = "for the checker to decide",
           .finding =
               "No odd user space is needed: two threads that each initialise their own vCPU kill the VM, "
               "VP.INIT of the "
               "one against VP.CREATE of the other. A VMM must initialise its vCPUs one after the other."});
  variant({.name = "v6_16_one_vcpu",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"vcpus", "1"}},
           .source = "Linux 6.16; a TD with one vCPU",
           .expected = "for the checker to decide",
           .finding = "Enough but for the BUSY TDH.MR.FINALIZE, which GET_CPUID makes: the one vcpu->mutex "
                      "and slots_lock do "
                      "what all the locks do later. It takes a second vCPU to break 6.16."});
  variant({.name = "v6_16_no_barriers",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"wmb", "false"}, {"rmb", "false"}},
           .source = "Linux 6.16 without the barriers around pre_fault_allowed; nobody's posting",
           .expected = "prefault_sees_runnable violated",
           .finding = "Violated: a prefault that is let in finds the TD not finalized, which is KVM_BUG_ON. "
                      "Either barrier "
                      "alone is not enough."});
  variant({.name = "v6_19_no_barriers",
           .set = {{"wmb", "false"}, {"rmb", "false"}},
           .source = "Linux 6.19 without the barriers around pre_fault_allowed; nobody's posting",
           .expected = "for the checker to decide",
           .finding = "Nobody can see it: who prefaults holds a vcpu->mutex, and who finalizes holds them "
                      "all. The stores are "
                      "in the wrong order for a moment (prefault_implies_runnable), but no prefault looks "
                      "then: the barriers "
                      "have become superfluous for KVM_PRE_FAULT_MEMORY."});
  variant({.name = "v6_16_finalize_bug",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"finalize_busy", "KVM_BUG_ON"}},
           .source = "Linux 6.16, had a BUSY TDH.MR.FINALIZE been KVM_BUG_ON",
           .expected = "no_kvm_bug violated"});
  variant({.name = "v6_19_finalize_bug",
           .set = {{"finalize_busy", "KVM_BUG_ON"}},
           .source = "Linux 6.19, were a BUSY TDH.MR.FINALIZE KVM_BUG_ON; nobody's posting",
           .expected = "for the checker to decide",
           .finding = "Nothing changes: TDH.MR.FINALIZE is never BUSY under all the locks."});
  variant({.name = "v6_16_extend_bug",
           .set = {{"locks", "v6_16"}},
           .source = "Linux 6.16 with KVM_BUG_ON for a TDH.MR.EXTEND that fails, as in 6.19",
           .expected = "no_kvm_bug violated: it needs the locks of 6.19",
           .finding = "As expected; what was a page that is added and not measured kills the VM instead."});
  variant(
      {.name = "v6_19_no_creation_check",
       .set = {{"creation_check", "false"}},
       .source = fix + ", without created_vcpus == online_vcpus",
       .expected = "for the checker to decide",
       .finding =
           "No SEAMCALL fails for the lack of it: a vCPU that is being made cannot be initialised before it "
           "is "
           "online, and that takes kvm->lock. What is lost is that the vCPUs of a finalized TD are fixed: "
           "tdx_vcpu_create() sees a TD that is not finalized, and the vCPU comes online in one that is. It "
           "can never be "
           "initialised nor run."});
  variant({.name = "v6_19_no_vcpu_mutexes",
           .set = {{"locks", "without_vcpu_mutexes"}},
           .source = fix + ", with kvm->lock and slots_lock alone",
           .expected = "no_kvm_bug violated: ioctls that hold a vcpu->mutex alone are not kept out",
           .finding = "So it is: GET_CPUID, the one ioctl on a vCPU that still holds nothing but its mutex, "
                      "meets VP.INIT or "
                      "MR.EXTEND."});
  variant({.name = "v6_19_locked_ioctl",
           .set = {{"locks", "all_in_locked_ioctl"}},
           .source = fix + ", had the INIT ioctls on a vCPU stayed ioctls that hold vcpu->mutex",
           .expected = "violated: kvm->lock and vcpu->mutex are taken in both orders",
           .finding = "So it is, with two threads that initialise one vCPU each. The model leaves out that "
                      "the ioctl would "
                      "lock its own mutex a second time, which needs no second thread."});
  variant({.name = "v6_19_finalize_without_vcpus",
           .set = {{"finalizes_without_vcpus", "true"}},
           .source = "Linux 6.19; user space that finalizes a TD before it has an initialised vCPU",
           .expected = "for the checker to decide",
           .finding = "KVM_BUG_ON from one thread and no race: TDH.MR.FINALIZE answers TDX_NO_VCPUS, and all "
                      "that is not BUSY "
                      "is taken for a bug of KVM. User space kills its own VM, with a warning in the host's "
                      "log. Nothing that the "
                      "locks could mend; a check in tdx_td_finalize() would. All other variants leave such "
                      "user space out."});
}

} // namespace tdxcheck::protocols
