// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of sept_install. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void SeptInstall::claims() {
  using namespace properties;
  const auto some_vcpu = [&](const std::string& region) {
    return dsl::exists(vcpu, "v", [&](const Expr& v) { return dsl::in_region(region, v); });
  };
  const auto each_gfn = [&](const dsl::Predicate& holds) { return dsl::for_all(gfn, "g", holds); };
  const Expr changing = some_vcpu("changes_spte"), zapping = dsl::in_region("zaps");
  const Expr table_agrees = is_shadow_present(mirror_table) == (td.large_entry[table()] == "NL_MAPPED");
  const auto page_agrees = [&](const Expr& g) {
    return is_shadow_present(mirror_page[g]) == (td.entry[g] == "PENDING" || td.entry[g] == "MAPPED");
  };
  const auto frozen_or_agrees = [&](const Expr& g) { return is_frozen(mirror_page[g]) || page_agrees(g); };

  no_deadlock(*this);
  lock_discipline(*this);
  assertion(*this, "no_kvm_bug", "no SEAMCALL answers what KVM cannot cope with");
  no_livelock(*this, "something always makes progress");
  no_starvation(*this, "every fault resolves, or goes to user space; every zap ends");
  always(
      *this, "mirror_is_sept",
      implies(!zapping && !vm_dead, (is_frozen(mirror_table) || table_agrees) && each_gfn(frozen_or_agrees)),
      "an SPTE that is not FROZEN_SPTE says what the S-EPT is, unless a zap is under way");
  always(*this, "mirror_is_sept_at_rest",
         implies(!changing && !zapping, table_agrees && each_gfn(page_agrees)),
         "the mirror says what the S-EPT is once nobody is changing either, even in a VM that is dead");
  always(*this, "parent_before_child", each_gfn([&](const Expr& g) {
    return implies(mirror_page[g] != "SHADOW_NONPRESENT",
                   is_shadow_present(mirror_table) && td.large_entry[table()] == "NL_MAPPED");
  }),
         "an SPTE is written only below a page table that the S-EPT has, too");
  always(*this, "frozen_is_released",
         implies(!changing && !zapping, !is_frozen(mirror_table) && each_gfn([&](const Expr& g) {
           return !is_frozen(mirror_page[g]);
         })),
         "an SPTE is FROZEN_SPTE only while somebody is changing it");
  assertion(*this, "no_stale_pfn", "no page is mapped that was taken away since its pfn was looked up");
  assertion(*this, "zero_step_not_suspected", "no TDH.VP.ENTER has to look whether faults were resolved");
  retries(*this, "seamcall_sept_retries", "seamcall_sept", 16, "at most 17 SEAMCALLs per attempt");

  sometimes(*this, "a_page_is_mapped",
            dsl::exists(gfn, "g", [&](const Expr& g) { return td.entry[g] == "PENDING"; }));
  sometimes(*this, "two_changes_at_once",
            dsl::count(vcpu, "v", [&](const Expr& v) { return dsl::in_region("changes_spte", v); }) >= 2);
  // Without guests that lock entries, and with a tree that is shared, no fault makes another one BUSY.
  claim("a_rollback", model::Sometimes{some_vcpu("rolls_back").tree()},
        "some SEAMCALL of a fault fails, and the SPTE gets its old value back", dsl::Location::current(),
        guest_accepts || module.is_1_0());
}

} // namespace tdxcheck::protocols
