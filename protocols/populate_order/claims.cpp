// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of populate_order. The essay is at the head of populate_order.cpp.

#include "protocols/populate_order/populate_order.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void PopulateOrder::claims() {
  using namespace properties;
  const auto every_page = [&](const dsl::Predicate& holds) { return dsl::for_all(page, "q", holds); };
  const Expr settled = is_none(page_in_flight);
  const Expr premapped = count(page, "q", [&](const Expr& q) { return mirror[q] && !sept[q]; });

  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  assertion(*this, "no_zap_in_the_gap",
            "slots_lock and the invalidate lock keep zaps out of the gap between the mirror and the TD");
  assertion(*this, "add_finds_mirror_entry", "PAGE.ADD adds what the mirror page table has");
  assertion(*this, "finalized_whole", "a TD is finalized only when mirror and S-EPT agree");
  assertion(*this, "page_exists", "no page is mapped after it left the guest_memfd");
  always(*this, "sept_within_mirror", every_page([&](const Expr& q) { return implies(sept[q], mirror[q]); }),
         "the TD has nothing that the mirror page table has not");
  always(*this, "mapped_pages_exist",
         every_page([&](const Expr& q) { return implies(sept[q] && in_progress == 0, allocated[q]); }),
         "the TD has no page that left the guest_memfd");
  always(*this, "shared_pages_unmapped",
         every_page([&](const Expr& q) { return implies(sept[q] && in_progress == 0, is_private[q]); }),
         "the TD has no page that was converted to shared");
  always(*this, "nr_premapped_counts",
         implies(settled, nr_premapped == choose(page_add == "after_mapping", premapped, 0)),
         "nr_premapped counts the pages that the mirror page table has and the TD has not");
  sometimes(*this, "populate_possible", every_page([&](const Expr& q) { return sept[q]; }));
  sometimes(*this, "finalize_possible", finalized);
}

void PopulateOrder::variants() {
  const std::string gup_first = "KVM: guest_memfd: GUP source pages prior to populating guest memory, commit "
                                "2a62345b3052, January 2026";
  variant({.name = "v6_16",
           .set = {},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c",
           .expected =
               "no zap comes between the mirror and the TD; no deadlock as guest_memfd cannot be mapped"});
  variant({.name = "v6_16_add_busy",
           .set = {{"page_add_busy", "true"}},
           .source = "Linux 6.16; PAGE.ADD answers TDX_OPERAND_BUSY, user space gets -EBUSY and may repeat",
           .expected = "the count stays right, and a TD with such a page is not finalized"});
  variant({.name = "v6_19",
           .set = {{"state_locks", "all"}, {"page_add", "while_mapping"}},
           .source = "Linux 6.19, tdx_acquire_vm_state_locks; PAGE.ADD in the hook that maps",
           .expected = "no gap any more",
           .finding =
               "So it is: nr_premapped has nothing to count. slots_lock is needed all the same, for the "
               "attribute; the invalidate lock for the page."});
  variant({.name = "v6_19_locked_ioctl",
           .set = {{"state_locks", "all_in_locked_ioctl"}, {"page_add", "while_mapping"}},
           .source = "Linux 6.19, had KVM_TDX_INIT_MEM_REGION stayed an ioctl that holds vcpu->mutex",
           .expected = "violated: kvm->lock and vcpu->mutex are taken in both orders"});
  variant({.name = "in_place_gup_inside",
           .set = {{"state_locks", "all"}, {"page_add", "while_mapping"}, {"in_place_conversion", "true"}},
           .source = gup_first + ": what it mends, with in-place conversion",
           .expected = "mmap_lock and the invalidate lock are taken in both orders; not clearly reachable",
           .finding =
               "Reachable, with a third party: populate holds the invalidate lock and is about to take the "
               "source page, a fault holds mmap_lock for read and waits for the invalidate lock, munmap() "
               "queues for mmap_lock, and populate's read waits behind it. As both hold mmap_lock shared, "
               "lock_order, for which two shared holders never block each other, does not see it."});
  variant({.name = "in_place_gup_inside_no_writer",
           .set = {{"state_locks", "all"},
                   {"page_add", "while_mapping"},
                   {"in_place_conversion", "true"},
                   {"unmap", "false"}},
           .source = gup_first + ": the same, where nobody takes mmap_lock for write",
           .expected = "for the checker to decide",
           .finding = "No deadlock: two readers of mmap_lock do not wait for each other."});
  variant({.name = "in_place_gup_inside_own_mapping",
           .set = {{"state_locks", "all"},
                   {"page_add", "while_mapping"},
                   {"in_place_conversion", "true"},
                   {"source", "guest_memfd"}},
           .source = gup_first +
                     ": the same, with a source page in a mapping of the same guest_memfd; nobody's "
                     "posting",
           .expected = "for the checker to decide",
           .finding =
               "Nobody else is needed: the fault on the source page wants the invalidate lock that populate "
               "holds."});
  variant({.name = "landed",
           .set = {{"state_locks", "all"},
                   {"page_add", "while_mapping"},
                   {"in_place_conversion", "true"},
                   {"gup", "before"}},
           .source = gup_first,
           .expected = "no deadlock"});
  default_variant("landed");
  variant({.name = "landed_own_mapping",
           .set = {{"state_locks", "all"},
                   {"page_add", "while_mapping"},
                   {"in_place_conversion", "true"},
                   {"gup", "before"},
                   {"source", "guest_memfd"}},
           .source = gup_first + ", with a source page in a mapping of the same guest_memfd",
           .expected = "no deadlock"});
}

} // namespace tdxcheck::protocols
