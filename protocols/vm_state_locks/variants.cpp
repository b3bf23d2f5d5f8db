// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of vm_state_locks. The essay is at the head of vm_state_locks.cpp.

#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

void VmStateLocks::variants() {
  const std::string fix = "KVM: TDX: Guard VM state transitions with all the locks, October 2025, commit "
                          "15945e9ec195";
  variant({.name = "v6_19", .set = {}, .source = "Linux 6.19; " + fix, .expected = "good"});
  default_variant("v6_19");
  variant({.name = "v6_19_two_users",
           .set = {{"users", "2"}},
           .source = "Linux 6.19; two threads",
           .expected = "good"});
  variant({.name = "v6_16",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c",
           .expected = "no_kvm_bug violated by odd user space: VP.CREATE meets MR.EXTEND or MR.FINALIZE"});
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
           .expected = "for the checker to decide"});
  variant({.name = "v6_16_no_barriers",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"wmb", "false"}, {"rmb", "false"}},
           .source = "Linux 6.16 without the barriers around pre_fault_allowed; nobody's posting",
           .expected = "prefault_sees_runnable violated"});
  variant({.name = "v6_19_no_barriers",
           .set = {{"wmb", "false"}, {"rmb", "false"}},
           .source = "Linux 6.19 without the barriers around pre_fault_allowed; nobody's posting",
           .expected = "for the checker to decide"});
  variant({.name = "v6_16_finalize_bug",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}, {"finalize_busy", "KVM_BUG_ON"}},
           .source = "Linux 6.16, had a BUSY TDH.MR.FINALIZE been KVM_BUG_ON",
           .expected = "no_kvm_bug violated"});
  variant({.name = "v6_19_finalize_bug",
           .set = {{"finalize_busy", "KVM_BUG_ON"}},
           .source = "Linux 6.19, were a BUSY TDH.MR.FINALIZE KVM_BUG_ON; nobody's posting",
           .expected = "for the checker to decide"});
  variant({.name = "v6_16_extend_bug",
           .set = {{"locks", "v6_16"}},
           .source = "Linux 6.16 with KVM_BUG_ON for a TDH.MR.EXTEND that fails, as in 6.19",
           .expected = "no_kvm_bug violated: it needs the locks of 6.19"});
  variant({.name = "v6_19_no_creation_check",
           .set = {{"creation_check", "false"}},
           .source = fix + ", without created_vcpus == online_vcpus",
           .expected = "for the checker to decide"});
  variant({.name = "v6_19_no_vcpu_mutexes",
           .set = {{"locks", "without_vcpu_mutexes"}},
           .source = fix + ", with kvm->lock and slots_lock alone",
           .expected = "no_kvm_bug violated: ioctls that hold a vcpu->mutex alone are not kept out"});
  variant({.name = "v6_19_locked_ioctl",
           .set = {{"locks", "all_in_locked_ioctl"}},
           .source = fix + ", had the INIT ioctls on a vCPU stayed ioctls that hold vcpu->mutex",
           .expected = "violated: kvm->lock and vcpu->mutex are taken in both orders"});
  variant({.name = "v6_19_finalize_without_vcpus",
           .set = {{"finalizes_without_vcpus", "true"}},
           .source = "Linux 6.19; user space that finalizes a TD before it has an initialised vCPU",
           .expected = "for the checker to decide"});
}

} // namespace tdxcheck::protocols
