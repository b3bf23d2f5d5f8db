// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of sept_install. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void SeptInstall::claims() {
  using namespace properties;
  const auto some_vcpu_in = [&](const std::string& region) {
    return dsl::exists(vcpu, "v", [&](const Expr& v) { return in_region(region, v); });
  };
  const Expr zapping = in_region("zaps");
  const auto table_agrees = is_shadow_present(mirror_table) == (td.large_entry[table()] == "NL_MAPPED");
  const auto page_agrees = [&](const Expr& g) {
    return is_shadow_present(mirror_page[g]) == (td.entry[g] == "PENDING" || td.entry[g] == "MAPPED");
  };
  const Expr nothing_frozen =
      !is_frozen(mirror_table) && !dsl::exists(gfn, "g", [&](const Expr& g) { return is_frozen(mirror_page[g]); });
  const Expr all_agree = table_agrees && dsl::for_all(gfn, "g", page_agrees);

  no_deadlock(*this);
  lock_discipline(*this);
  assertion(*this, "no_kvm_bug", "no SEAMCALL answers what KVM cannot cope with");
  no_livelock(*this, "something always makes progress");
  no_starvation(*this, "every fault resolves, or goes to user space; every zap ends");
  always(*this, "mirror_is_sept", implies(nothing_frozen && !zapping && !vm_dead, all_agree),
         "the mirror says what the S-EPT is wherever no SPTE is FROZEN_SPTE and no zap is under way");
  always(*this, "mirror_is_sept_at_rest",
         implies(!some_vcpu_in("installs") && !some_vcpu_in("rolls_back") && !zapping && nothing_frozen && !vm_dead, all_agree),
         "the mirror says what the S-EPT is as soon as nobody is changing either");
  always(*this, "parent_before_child",
         dsl::for_all(gfn, "g",
                      [&](const Expr& g) {
                        return implies(mirror_page[g] != "SHADOW_NONPRESENT",
                                       is_shadow_present(mirror_table) && td.large_entry[table()] == "NL_MAPPED");
                      }),
         "an SPTE below a page table is written only when that page table is in the S-EPT, too");
  always(*this, "frozen_is_being_changed",
         implies(!nothing_frozen, some_vcpu_in("installs") || some_vcpu_in("rolls_back") || zapping),
         "an SPTE is FROZEN_SPTE only while somebody changes it: it is always released");
  assertion(*this, "no_stale_pfn", "no page is mapped that was taken away since its pfn was looked up");
  assertion(*this, "zero_step_not_suspected", "no TDH.VP.ENTER has to look whether faults were resolved");
  retries(*this, "seamcall_sept_retries", "seamcall_sept", 16, "at most 17 SEAMCALLs per attempt");

  sometimes(*this, "a_page_is_accepted",
            dsl::exists(gfn, "g", [&](const Expr& g) { return td.entry[g] == "MAPPED"; }));
  sometimes(*this, "two_installs_at_once",
            dsl::count(vcpu, "v", [&](const Expr& v) { return in_region("installs", v); }) >= 2);
  sometimes(*this, "a_rollback", some_vcpu_in("rolls_back"));
}

} // namespace tdxcheck::protocols
