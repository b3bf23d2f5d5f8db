// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of sept_zap. The essay is at the head of sept_zap.cpp.

#include "protocols/sept_zap/sept_zap.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::implies;
using dsl::in_region;

void SeptZap::claims() {
  using namespace properties;
  no_deadlock(*this, "nobody waits for ever: neither for mmu_lock nor for an IPI to be taken");
  lock_discipline(*this);
  lock_order(*this);
  assertion(*this, "no_kvm_bug", "neither the zap nor a fault ends in KVM_BUG_ON");
  no_livelock(*this, "a zap ends");
  no_starvation(*this, "every zap ends");
  properties::retries(*this, "two_tries_block", "block", 1, "TDH.MEM.RANGE.BLOCK is made at most twice");
  properties::retries(*this, "two_tries_track", "track", 1, "TDH.MEM.TRACK is made at most twice");
  properties::retries(*this, "two_tries_remove", "remove", 1, "TDH.MEM.PAGE.REMOVE is made at most twice");
  const auto fault_ends = [&](const std::string& name, const Expr& v) {
    leads_to(*this, name, in_region("fault", v), !in_region("fault", v),
             "a fault handler comes to an end, whatever the others do");
  };
  fault_ends("fault_ends", vcpu.member(0));
  always(*this, "page_tracked_before_reuse",
         implies(in_region("given_back"), td.inside_before == dsl::empty_set()),
         "a page is given back only when every vCPU that entered the guest before TRACK has left it");
  always(*this, "mirror_is_s_ept",
         dsl::for_all(gfns, "g",
                      [&](const Expr& g) {
                        const Expr zapped =
                            (in_region("zapping") && g == page()) || vm_dead || work == "demote";
                        const Expr mapped = td.entry[g] == "PENDING" || td.entry[g] == "MAPPED";
                        return zapped || mirror[g] == "FROZEN" || mapped == (mirror[g] == "PRESENT");
                      }),
         "where nothing is being zapped and no SPTE is frozen, the mirror says what the S-EPT says");
  sometimes(*this, "a_page_is_given_back", in_region("given_back"));
  sometimes(*this, "a_call_is_repeated", tries > 0, "some SEAMCALL of a zap is BUSY");
}

} // namespace tdxcheck::protocols
