// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of vcpu_association. The essay is at the head of vcpu_association.cpp.

#include "properties/properties.h"
#include "protocols/vcpu_association/vcpu_association.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void VcpuAssociation::claims() {
  using namespace properties;
  const auto every_vcpu = [&](const dsl::Predicate& holds) { return dsl::for_all(vcpu, "v", holds); };
  const auto some_vcpu = [&](const dsl::Predicate& holds) { return dsl::exists(vcpu, "v", holds); };
  no_deadlock(*this);
  lock_discipline(*this);
  no_starvation(*this, "every load of a vCPU comes to an end, crosswise migrations included");
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON");
  assertion(*this, "enter_never_refused",
            "no TDX_OPERAND_BUSY and no TDX_VCPU_ASSOCIATED reaches TDH.VP.ENTER");
  assertion(*this, "list_integrity", "list_add() and list_del() find the pointers that a list has");
  assertion(*this, "list_ownership", "P3: a pCPU's list is changed by that pCPU alone, with IRQs off");
  assertion(*this, "no_use_after_free",
            "P2: no struct kvm_vcpu is freed while linked, or reached when freed");
  assertion(*this, "disable_empties_list", "a pCPU that leaves VMX operation has no vCPU in its list");
  always(*this, "kvm_knows_associations",
         every_vcpu([&](const Expr& v) { return implies(td.associated(v), list.in_list[v] == td.assoc[v]); }),
         "a vCPU that the module associates with a pCPU, to run there or not, is linked in that pCPU's list");
  always(*this, "nobody_left_behind",
         dsl::for_all(cpus.set, "c",
                      [&](const Expr& c) {
                        return system.vmx_on[c] ||
                               every_vcpu([&](const Expr& v) { return td.assoc[v] != c; });
                      }),
         "no vCPU is associated with a pCPU that is out of VMX operation");
  always(*this, "hkid_not_leaked", implies(destroyed, !hkid_assigned),
         "a destroyed VM has released its HKID");
  sometimes(*this, "crosswise_migration",
            dsl::exists(cpus.set, "c",
                        [&](const Expr& c) {
                          return dsl::exists(cpus.set, "d", [&](const Expr& d) {
                            return c != d && some_vcpu([&](const Expr& v) {
                                     return contains(flush_by_vcpu.call.posted[v], c) &&
                                            some_vcpu([&](const Expr& w) {
                                              return contains(flush_by_vcpu.call.posted[w], d) && v != w;
                                            });
                                   });
                          });
                        }),
            "two vCPUs change places, each waiting for the other's pCPU");
  sometimes(*this, "two_in_one_list", some_vcpu([&](const Expr& v) { return is_some(list.next[v]); }),
            "two vCPUs are linked in one pCPU's list");
  sometimes(*this, "both_run", every_vcpu([&](const Expr& v) { return td.is_active(v); }),
            "all vCPUs run at the same time");
}

} // namespace tdxcheck::protocols
