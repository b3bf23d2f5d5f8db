// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of memslot_delete. The essay is at the head of memslot_delete.cpp.

#include "properties/properties.h"
#include "protocols/memslot_delete/memslot_delete.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void MemslotDelete::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  no_livelock(*this, "a fault and a prefault come to an end");
  leads_to(*this, "deletion_ends", dsl::in_region("deleting"), !dsl::in_region("deleting"),
           "a memslot's deletion ends, whatever the vCPUs do");
  assertion(*this, "no_use_after_free", "no memslot is freed while a fault refers to it");
  assertion(*this, "nothing_stays_mapped", "no page of a deleted memslot stays mapped");
  assertion(*this, "zap_sees_no_frozen", "the zap never meets a frozen SPTE");
  assertion(*this, "mmio_is_current", "an access is emulated as MMIO only where no memslot is");
  sometimes(*this, "slot_is_deleted", slot == "NONE" && !dsl::in_region("deleting"));
  sometimes(*this, "a_page_is_frozen",
            dsl::exists(gfn, "g", [&](const Expr& g) { return spte[g] == "FROZEN"; }));
  sometimes(*this, "an_mmio_spte_is_made",
            dsl::exists(gfn, "g", [&](const Expr& g) { return spte[g] == "MMIO"; }));
}

void MemslotDelete::variants() {
  const std::string may = "Yan Zhao, [PATCH 0/2] Introduce RET_PF_RETRY_INVALID_SLOT, 2025-05-19";
  variant({.name = "landed",
           .set = {},
           .source = "Linux 6.18, 2bc2694fe20b: the loop is left when the slot is marked INVALID",
           .expected = "good"});
  default_variant("landed");
  variant(
      {.name = "linux_6_16",
       .set = {{"breaks_on_invalid", "false"}, {"changes", "1"}},
       .source = "Linux 6.16 and 6.17; " + may,
       .expected = "violated: the fault spins on the INVALID slot, and the deletion waits for it",
       .finding = "So it is. The deletion waits holding slots_lock, so whatever needs that waits with it."});
  variant(
      {.name = "linux_6_16_signal",
       .set = {{"breaks_on_invalid", "false"}, {"changes", "1"}, {"signals", "comes"}},
       .source = "linux_6_16 where somebody sends a signal in the end",
       .expected = "for the checker to decide",
       .finding =
           "A signal or a pending event is enough: KVM_RUN goes on, and lets go of kvm->srcu on its way."});
  variant({.name = "no_local_retry",
           .set = {{"local_retry", "false"}},
           .source = "before January 2025: each RETRY goes back to the guest and drops kvm->srcu",
           .expected = "safe; may trip the TDX module's zero-step detection"});
  variant({.name = "prefault",
           .set = {{"prefault", "true"}, {"runs", "false"}},
           .source = "Linux 6.18, 3ccbf6f47098: a prefault on an INVALID slot answers -EAGAIN",
           .expected = "good"});
  variant({.name = "prefault_6_17",
           .set = {{"prefault", "true"}, {"runs", "false"}, {"prefault_answers", "RETRY"}, {"changes", "1"}},
           .source = "Linux 6.17 and before; " + may,
           .expected = "violated: the prefault spins, and the deletion waits for it"});
  variant({.name = "landed_dead_vm",
           .set = {{"aug_fails", "true"}, {"changes", "1"}},
           .source = "Linux 6.16 on: the loop looks for KVM_REQ_VM_DEAD",
           .expected = "good: a fault on a dead VM ends with -EIO"});
  variant(
      {.name = "dead_vm_unchecked",
       .set = {{"aug_fails", "true"}, {"changes", "1"}, {"checks_vm_dead", "false"}},
       .source = "landed_dead_vm without that look",
       .expected = "for the checker to decide",
       .finding = "The fault spins in a VM that is dead, until a signal comes or its memslot is deleted."});
  variant({.name = "prefault_dead_vm",
           .set = {{"prefault", "true"}, {"runs", "false"}, {"aug_fails", "true"}, {"changes", "1"}},
           .source = "Linux 6.18, kvm_tdp_page_prefault()",
           .expected = "good"});
}

} // namespace tdxcheck::protocols
