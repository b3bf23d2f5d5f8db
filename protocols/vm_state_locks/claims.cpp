// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of vm_state_locks. The essay is at the head of vm_state_locks.cpp.

#include "protocols/vm_state_locks/vm_state_locks.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void VmStateLocks::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  no_livelock(*this, "no ioctl is told -EBUSY for ever while nothing else makes progress");
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON: nobody who takes BUSY for a bug is ever told BUSY");
  assertion(*this, "allowed_means_runnable", "who sees pre_fault_allowed sees the state that goes with it");
  sometimes(*this, "td_is_built", finalized && building_done && dsl::for_all(vcpu, "v", [&](const Expr& v) {
                                    return vcpu_done[v];
                                  }));
  sometimes(*this, "hole_is_punched", zapped || !zaps);
}

void VmStateLocks::variants() {
  const std::string guard = "KVM: TDX: Guard VM state transitions with all the locks, October 2025";
  const std::string around = "KVM: TDX: Take MMU lock around tdh_vp_init(), 2025-10-27";
  const std::string not_the_zap =
      "A punched hole takes none of the state locks, and FINALIZE does not take mmu_lock: while "
      "TDH.MR.FINALIZE holds TDR exclusive, TDH.MEM.RANGE.BLOCK of a zap is BUSY. One retry does not help "
      "where it comes before FINALIZE returns: the kick in between waits for nobody, because no vCPU runs "
      "yet. mmu_lock around it mends that.";
  variant({.name = "landed",
           .set = {},
           .source = guard + "; " + around,
           .expected = "nobody meets a TDR that is held exclusive",
           .finding = not_the_zap});
  default_variant("landed");
  variant({.name = "landed_other_inode",
           .set = {{"same_inode", "false"}},
           .source = "landed, with the hole in another guest_memfd inode; nobody's posting",
           .expected = "for the checker to decide",
           .finding = "As in landed, and TDH.MR.EXTEND does the same: only the inode's lock kept it apart. " +
                      not_the_zap});
  variant({.name = "landed_no_zap",
           .set = {{"zaps", "false"}},
           .source = guard,
           .expected = "the state locks keep VP.CREATE, VP.INIT and MR.* apart"});
  variant({.name = "mended",
           .set = {{"mmu_lock_in_mr", "true"}},
           .source = "landed, with mmu_lock around MR.EXTEND and MR.FINALIZE, too; nobody's posting",
           .expected = "no zap meets TDR exclusive"});
  variant({.name = "mended_other_inode",
           .set = {{"mmu_lock_in_mr", "true"}, {"same_inode", "false"}},
           .source = "mended, with the hole in another guest_memfd inode; nobody's posting",
           .expected = "no zap meets TDR exclusive"});
  variant({.name = "v6_16",
           .set = {{"state_locks", "none"},
                   {"mmu_lock_in_vp_init", "false"},
                   {"mmu_lock_in_page_add", "false"},
                   {"zaps", "false"}},
           .source = "Linux 6.16; reported by Yan Zhao, August 2025",
           .expected = "violated: VP.CREATE against MR.EXTEND and MR.FINALIZE ends in KVM_BUG_ON"});
  variant(
      {.name = "v6_16_zap",
       .set = {{"state_locks", "none"}, {"mmu_lock_in_vp_init", "false"}, {"mmu_lock_in_page_add", "false"}},
       .source = "Linux 6.16 with a punched hole; " + around,
       .expected = "violated: VP.INIT against the zap ends in KVM_BUG_ON"});
  variant({.name = "state_locks_only",
           .set = {{"mmu_lock_in_vp_init", "false"}, {"mmu_lock_in_mr", "true"}},
           .source = guard + ", with mmu_lock around MR.*, without the other patch",
           .expected = "violated: a punched hole takes none of the state locks"});
  variant({.name = "mmu_lock_only",
           .set = {{"state_locks", "none"}},
           .source = around + ", without the other patch",
           .expected = "violated: VP.CREATE of one vCPU is not under mmu_lock"});
  variant({.name = "vp_init_version_0",
           .set = {{"mmu_lock_in_vp_init", "false"}, {"vp_init_version", "0"}, {"mmu_lock_in_mr", "true"}},
           .source = "mended without mmu_lock around VP.INIT, and with TDH.VP.INIT of version 0, which holds "
                     "TDR shared; nobody's posting",
           .expected = "mmu_lock is needed for version 1 alone"});
  variant({.name = "inverted",
           .set = {{"state_locks", "inverted"}},
           .source = guard + ": why the ioctls are unlocked ones",
           .expected = "violated: vcpu->mutex before kvm->lock here, after it there"});
}

} // namespace tdxcheck::protocols
