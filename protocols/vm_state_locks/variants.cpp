// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of vm_state_locks. The essay is at the head of vm_state_locks.cpp.

#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

void VmStateLocks::variants() {
  const std::string fix = "KVM: TDX: Guard VM state transitions with all the locks, October 2025, commit "
                          "15945e9ec195";
  variant({.name = "v6_19", .set = {}, .source = "Linux 6.19; " + fix, .expected = "good"});
  default_variant("v6_19");
  variant({.name = "v6_16",
           .set = {{"locks", "v6_16"}, {"extend_error", "EIO"}},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c",
           .expected = "no_kvm_bug violated by odd user space: VP.CREATE meets MR.EXTEND or MR.FINALIZE"});
}

} // namespace tdxcheck::protocols
