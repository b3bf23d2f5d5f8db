// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of sept_zap_rcu. The essay is at the head of sept_zap_rcu.cpp.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void SeptZapRcu::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  assertion(*this, "no_kvm_bug", "neither the prune nor the callback nor a fault ends in KVM_BUG_ON");
  assertion(*this, "no_walk_failure", "the callback's SEAMCALLs reach what they are to remove");
  assertion(*this, "callback_undisturbed",
            "the callback acts as if it held mmu_lock for write: none of its SEAMCALLs is BUSY");
  assertion(*this, "callback_never_waits", "an RCU callback does not wait for other pCPUs");
  assertion(*this, "faults_undisturbed", "no fault is BUSY");
  assertion(*this, "no_use_after_free", "no walker reads a page table that was freed");
  no_livelock(*this, "something always makes progress");
  no_starvation(*this, "the prune, the callback and every fault come to an end");
  always(*this, "freed_when_removed",
         implies(sp_freed,
                 dsl::for_all(gfn, "g",
                              [&](const Expr& g) { return implies(is_child(g), td.entry[g] == "FREE"); }) &&
                     (!removes_table || td.large_entry[branch()] == "FREE")),
         "the branch is given back only when the S-EPT does not have it any more");
  always(*this, "parent_stays_for_children",
         dsl::for_all(gfn, "g",
                      [&](const Expr& g) {
                        return implies(is_child(g) && td.entry[g] != "FREE",
                                       td.large_entry[branch()] == "NL_MAPPED");
                      }),
         "the table can be walked until the pages below it are gone");
  sometimes(*this, "branch_gone", sp_freed);
}

} // namespace tdxcheck::protocols
