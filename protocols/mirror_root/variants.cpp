// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of mirror_root. The essay is at the head of mirror_root.cpp.

#include "protocols/mirror_root/mirror_root.h"

namespace tdxcheck::protocols {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings with_changes(Settings settings, const Settings& changes) {
  for (const auto& change : changes) {
    std::erase_if(settings, [&](const auto& setting) { return setting.first == change.first; });
    settings.push_back(change);
  }
  return settings;
}

const std::string thread_of_v3 =
    "Re: [PATCH v3 13/17] KVM: x86/tdp_mmu: Support mirror root for TDP MMU, 2024-06-25 and 26";

// Before TDX was merged: nothing retries a fault in place, reload does not look for obsolete roots, and the
// MMU notifier's release zaps everything.
const Settings before_tdx{{"local_retry", "false"}, {"reload_frees_obsolete", "false"}, {"zap_all", "all"}};
const Settings v3 = with_changes(before_tdx, {{"mirror_alloc", "load_always"}, {"uninit_zaps", "read"}});

} // namespace

void MirrorRoot::variants() {
  variant(
      {.name = "landed",
       .set = {},
       .source = "Linux 6.16 to 6.18, arch/x86/kvm/mmu; kvm_mmu_reload() looks at root.hpa alone, a load "
                 "allocates the mirror root only if there is none",
       .expected = "good: a vCPU with a direct root has a mirror root, so one check is enough",
       .finding =
           "The roots and their counts are as claimed. The progress of faults is not: is_page_fault_stale() "
           "looks at root.hpa also when the address is private, and the retry inside "
           "tdx_handle_ept_violation() neither reloads nor looks for KVM_REQ_MMU_FREE_OBSOLETE_ROOTS. A vCPU "
           "that has loaded its roots, and whose direct root is invalidated before its fault takes mmu_lock, "
           "retries until a signal or an event comes. landed_retries_reload is the same with a reload in "
           "the loop."});
  default_variant("landed");
  variant({.name = "landed_retries_reload",
           .set = {{"retries_reload", "true"}},
           .source = "landed with kvm_mmu_reload() before each local retry; nobody's posting",
           .expected = "mends what no_livelock finds in landed"});
  variant({.name = "landed_no_local_retry",
           .set = {{"local_retry", "false"}},
           .source = "landed as it was before January 2025: each RETRY goes back to the guest",
           .expected = "good; the retry passes by the request"});
  variant({.name = "landed_resets",
           .set = {{"resets", "true"}, {"local_retry", "false"}},
           .source = "landed, with root.hpa freed and loaded again for ever",
           .expected = "good: mirror_root_hpa survives each cycle, and is put once"});
  variant({.name = "landed_no_faults",
           .set = {{"faults", "false"}, {"local_retry", "false"}},
           .source = "landed, where vCPUs do nothing but reload and enter the guest",
           .expected = "good",
           .left_out = "faults"});
  variant({.name = "landed_two_changes",
           .set = {{"memslot_changes", "2"}, {"faults", "false"}, {"local_retry", "false"}},
           .source = "landed, with a second invalidation while vCPUs still hold what the first left behind",
           .expected = "good: the zapper's iterator is safe from vCPUs that put the last reference of a root",
           .left_out = "faults"});
  variant({.name = "prefault",
           .set = {{"prefault", "true"}, {"runs", "false"}, {"local_retry", "false"}},
           .source = "Linux 6.15 on: 20a6cff3b283, kvm_mmu_reload() frees obsolete roots first",
           .expected = "KVM_PRE_FAULT_MEMORY does not spin any more",
           .finding =
               "It does, in a smaller window: kvm_arch_vcpu_pre_fault_memory() reloads once, before the loop "
               "of kvm_tdp_page_prefault(). Roots that are invalidated after that, and before the fault "
               "takes mmu_lock, are obsolete in every round; a signal ends it."});
  variant(
      {.name = "prefault_6_14",
       .set = {{"prefault", "true"},
               {"runs", "false"},
               {"local_retry", "false"},
               {"reload_frees_obsolete", "false"}},
       .source = "Linux 6.14 and before; the changelog of 20a6cff3b283 (March 2025)",
       .expected =
           "violated: a root invalidated earlier is kept by the reload, and every try is answered RETRY"});
  variant(
      {.name = "prefault_retries_reload",
       .set = {{"prefault", "true"}, {"runs", "false"}, {"local_retry", "false"}, {"retries_reload", "true"}},
       .source = "prefault with kvm_mmu_reload() inside the loop; nobody's posting",
       .expected = "mends what no_livelock finds in prefault"});
  variant({.name = "v3",
           .set = v3,
           .source = "[PATCH v3 13/17], June 2024, and what Yan Zhao says of it in the thread",
           .expected = "violated: each reload takes one more reference on the mirror root than is ever put"});
  variant(
      {.name = "v3_resets",
       .set = with_changes(v3, {{"resets", "true"}, {"memslot_changes", "0"}}),
       .source = "[PATCH v3 13/17] without memory hotplug: any other reload will do",
       .expected = "for the checker to decide",
       .finding =
           "The leak needs no wrap of the memslot generation: whatever frees root.hpa alone leads to it."});
  variant({.name = "v3_read_lock",
           .set = with_changes(before_tdx, {{"uninit_zaps", "read"}}),
           .source = "the v3 series, 17/17 (root invalidation): the last zap under mmu_lock for read",
           .expected = "latent: the MMU notifier's release has zapped every SPTE before"});
  variant({.name = "v3_read_lock_direct_zap_all",
           .set = with_changes(before_tdx, {{"uninit_zaps", "read"}, {"zap_all", "direct"}}),
           .source = "v3_read_lock with kvm_mmu_zap_all() restricted to direct roots, as landed",
           .expected = "violated: SPTEs of the mirror are zapped under mmu_lock for read"});
  variant({.name = "yan_both_checks",
           .set = with_changes(before_tdx, {{"reload_checks", "both_roots"}, {"direct_alloc", "if_invalid"}}),
           .source = thread_of_v3 + ": the diff at its end",
           .expected = "good; judged ugly"});
  variant({.name = "v19",
           .set = with_changes(before_tdx, {{"uninit_zaps", "read"}, {"resets", "true"}}),
           .source = "[PATCH v19], February 2024; Isaku Yamahata on 2024-03-25 calls the test historical",
           .expected = "good: the mirror root is allocated only if there is none",
           .left_out = "how v19 held mmu_lock in its teardown is taken from v3"});
  variant({.name = "alloc_at_create",
           .set = {{"mirror_alloc", "create"}, {"local_retry", "false"}},
           .source = thread_of_v3 +
                     ": Rick Edgecombe asks for an allocation that matches kvm_mmu_destroy(); here "
                     "each vCPU takes its reference when it is created",
           .expected = "for the checker to decide"});
  variant(
      {.name = "alloc_at_create_without_reference",
       .set = {{"mirror_alloc", "create_without_reference"}, {"local_retry", "false"}},
       .source = thread_of_v3 + ": the same without what Yan Zhao asks for, a reference per vCPU",
       .expected = "for the checker to decide",
       .finding =
           "As long as nobody invalidates the mirror root the TDP MMU's own reference keeps it until after "
           "the last vCPU: a vCPU's reference is needed only against invalidation."});
  variant({.name = "invalidates_all",
           .set = {{"invalidates", "all"}, {"local_retry", "false"}},
           .source = "hypothetical: kvm_mmu_zap_all_fast() with KVM_VALID_ROOTS",
           .expected = "violated: a mirror cannot be zapped atomically nor made anew",
           .finding = "Nothing makes a vCPU let go of the invalid mirror root, so its faults map pages below "
                      "a root that "
                      "was zapped; nobody zaps those again."});
  variant({.name = "invalidates_all_without_reference",
           .set = {{"invalidates", "all"},
                   {"mirror_alloc", "create_without_reference"},
                   {"faults", "false"},
                   {"local_retry", "false"}},
           .source = "hypothetical: the last two together",
           .expected = "violated: the mirror root is freed while vCPUs have it loaded"});
}

} // namespace tdxcheck::protocols
