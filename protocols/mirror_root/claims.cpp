// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of mirror_root. The essay is at the head of mirror_root.cpp.

#include "protocols/mirror_root/mirror_root.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::choose;
using dsl::Expr;

Expr MirrorRoot::holders(const Expr& r) const {
  const auto of_vcpus = [&](const dsl::Variable& hpa) {
    return dsl::count(vcpu, "v", [&](const Expr& v) { return hpa[v] == r; });
  };
  const Expr uncounted = mirror_alloc == "create_without_reference" && mirror[r];
  return of_vcpus(root_hpa) + choose(uncounted, 0, of_vcpus(mirror_root_hpa)) + choose(iterator == r, 1, 0) +
         choose(gifted[r], 1, 0);
}

void MirrorRoot::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  no_livelock(*this, "KVM_RUN's fault and a prefault come to an end, also without a signal");
  const Expr zapping = dsl::in_region("zapping_all_fast");
  claim("zap_all_fast_ends", model::LeadsTo{zapping.tree(), (!zapping).tree()},
        "kvm_mmu_zap_all_fast() ends, whatever the vCPUs do (claimed where the search for it is affordable)",
        dsl::Location::current(),
        memslot_changes > 0 && invalidates == "direct" && !resets && !(prefault && retries_reload));
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON");
  assertion(*this, "no_warning", "the list of roots is empty at the end, and no page table is left behind");
  assertion(*this, "no_use_after_free", "no root is freed while something walks it or refers to it");
  assertion(*this, "enters_with_both_roots", "a vCPU that enters the guest has a direct and a mirror root");
  assertion(*this, "asked_to_reload", "a vCPU with an obsolete root is asked to reload it");
  assertion(*this, "mirror_root_is_kept",
            "a vCPU's mirror root does not change between its first load and its destruction");
  assertion(*this, "maps_only_valid_roots", "nothing is mapped below a root that was invalidated");
  // The mirror root is the first root that is allocated; the next one is the first direct root.
  balanced(*this, "mirror_root_references", refcount[root.member(0)], holders(root.member(0)),
           !allocated[root.member(0)], "the first root: its count is its holders, and nothing is left of it");
  balanced(*this, "direct_root_references", refcount[root.member(1)], holders(root.member(1)),
           !allocated[root.member(1)],
           "the second root: its count is its holders, and nothing is left of it");
  always(*this, "one_valid_root_of_a_kind",
         dsl::count(root, "r", [&](const Expr& r) { return usable(r, Kind::mirror); }) <= 1 &&
             dsl::count(root, "r", [&](const Expr& r) { return usable(r, Kind::direct); }) <= 1,
         "at most one valid mirror root and one valid direct root");
  always(*this, "legal_roots",
         dsl::for_all(vcpu, "v",
                      [&](const Expr& v) { return is_some(mirror_root_hpa[v]) || is_none(root_hpa[v]); }),
         "no vCPU has a direct root and no mirror root");
  always(*this, "all_freed",
         implies(destroyed, !dsl::exists(root, "r", [&](const Expr& r) { return allocated[r]; })),
         "once the VM is destroyed no root is left");
  sometimes(*this, "vm_is_destroyed", destroyed);
  sometimes(*this, "both_vcpus_loaded", dsl::for_all(vcpu, "v", [&](const Expr& v) {
    return is_some(root_hpa[v]) && is_some(mirror_root_hpa[v]);
  }));
  const Expr obsolete = dsl::exists(vcpu, "v", [&](const Expr& v) { return has_obsolete_root(v); });
  claim("some_root_is_obsolete", model::Sometimes{obsolete.tree()}, "an invalidation hits a loaded root",
        dsl::Location::current(), memslot_changes > 0);
}

} // namespace tdxcheck::protocols
