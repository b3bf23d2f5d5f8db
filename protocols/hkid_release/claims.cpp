// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of hkid_release. The essay is at the head of hkid_release.cpp.

#include "protocols/hkid_release/hkid_release.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void HkidRelease::claims() {
  using namespace properties;
  no_deadlock(*this);
  lock_discipline(*this);
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON (in the v19 form: or pr_err/WARN in its place)");
  no_livelock(*this, "the release comes to an end, or something else makes progress");
  assertion(*this, "no_warning", "CACHE.WB never fails");
  assertion(*this, "retry_never_needed",
            "VPFLUSHDONE never answers FLUSHVP_NOT_DONE: a retry would be dead code");
  assertion(*this, "list_integrity",
            "P3: a pCPU's list is changed by that pCPU alone, and links a vCPU once");
  assertion(*this, "no_use_after_free",
            "P2: no struct kvm_vcpu is freed while linked in a list, or used after");
  assertion(*this, "never_associated_elsewhere", "TDH.VP.ENTER never meets a vCPU that another pCPU owns");
  always(*this, "hkid_not_leaked",
         implies(destroyed || (released && caller != "terminate_vm"), !hkid_assigned[vm()]),
         "once tdx_mmu_release_hkid() has returned the HKID is free");
  always(*this, "freed_only_when_flushed",
         implies(td.hkid_state[vm()] == "HKID_FREE",
                 td.associated_vcpus(vm()) == 0 && td.every_package_wrote_back(vm())),
         "P1: KEY.FREEID only after every vCPU was flushed and every package wrote back");
  always(*this, "kvm_knows_associations",
         dsl::for_all(vcpu, "v",
                      [&](const Expr& v) { return implies(td.associated(v), listed[v] == td.assoc[v]); }),
         "a vCPU that the module associates with a pCPU is linked in a list");
  always(*this, "pages_reclaimed", implies(destroyed, !td.tdr_page[vm()]),
         "P5: at the end every page of the TD was reclaimed, the TDR last");
  sometimes(*this, "release_possible", !hkid_assigned[vm()]);
}

// ---- variants ----

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

// The later setting of a parameter counts.
Settings with_changes(Settings settings, const Settings& changes) {
  for (const auto& change : changes) {
    std::erase_if(settings, [&](const auto& setting) { return setting.first == change.first; });
    settings.push_back(change);
  }
  return settings;
}

// [PATCH v19 087/130]: released by the MMU notifier, vCPU fds still open.
const Settings v19{
    {"caller", "mmu_notifier"},    {"retry", "everything"},  {"write_lock_mmu", "before_vpflushdone"},
    {"load_checks_hkid", "false"}, {"unload_loads", "true"}, {"free_disassociates", "true"},
    {"bug_kills_vm", "false"},     {"zap_retries", "0"},     {"cache_wb_retries", "unlimited"}};

const std::string v19_087 = "[PATCH v19 087/130] KVM: TDX: handle vcpu migration over logical processor";

} // namespace

void HkidRelease::variants() {
  landed_variants();
  v19_variants();
  questions_of_the_thread();
}

void HkidRelease::landed_variants() {
  variant({.name = "landed",
           .set = {{"vcpus_load", "true"}, {"vcpus_enter", "true"}, {"vcpus_read_metadata", "true"}},
           .source = "Linux 6.16, arch/x86/kvm/vmx/tdx.c, tdx_mmu_release_hkid; what Kai Huang asked for on "
                     "2024-04-17: the HKID is released last",
           .expected = "FLUSHVP_NOT_DONE is unreachable at VM destroy, so not retrying leaks nothing"});
  default_variant("landed");
  variant({.name = "landed_gmem",
           .set = {{"gmem_release", "true"}, {"vcpus_enter", "true"}},
           .source = "Linux 6.16; guest_memfd holds a reference to the VM",
           .expected = "every private page is removed while the HKID is still assigned"});
  variant({.name = "landed_two_vms",
           .set = {{"other_vm", "true"}},
           .source = "Linux 6.16, the comment on tdx_lock in tdx_mmu_release_hkid",
           .expected = "tdx_lock avoids BUSY on the key ownership table, so nothing is retried"});
  variant({.name = "landed_init_vm_failed",
           .set = {{"caller", "init_vm_failed"}},
           .source = "Linux 6.16, __tdx_td_init, label teardown",
           .expected = "the HKID is released whether or not the keys were configured"});
  variant(
      {.name = "landed_reboot",
       .set = {{"reboot", "true"}, {"vcpus_enter", "true"}},
       .source = "Linux 6.16, kvm_shutdown and tdx_disable_virtualization_cpu",
       .expected = "a vCPU that is being loaded may stay linked (tdx_vcpu_load between list_add and "
                   "vcpu->cpu = cpu); nothing is said of a VM that is being destroyed meanwhile",
       .finding =
           "A VM that is destroyed meanwhile meets #UD in VPFLUSHDONE, CACHE.WB or KEY.FREEID: only "
           "tdx_handle_exit() looks at kvm_rebooting, the release ends in KVM_BUG_ON with the HKID leaked. "
           "list_integrity: tdx_vcpu_load() finds the vCPU on this pCPU and returns, the IPI unlinks it and "
           "sets vcpu->cpu to -1, kvm_arch_vcpu_load() then stores the pCPU all the same, and the next "
           "flush unlinks what is not linked. The store after the vendor's hook is from general knowledge "
           "of kvm_arch_vcpu_load(); landed_reboot_early_store does without it."});
  variant({.name = "landed_reboot_early_store",
           .set = {{"reboot", "true"}, {"vcpus_enter", "true"}, {"late_cpu_store", "false"}},
           .source = "landed_reboot with vcpu->cpu set where the vCPU is linked; nobody's posting",
           .expected = "mends what list_integrity finds in landed_reboot"});
  variant(
      {.name = "terminate_vm",
       .set = {{"caller", "terminate_vm"}, {"vcpus_enter", "true"}, {"write_lock_mmu", "after_vpflushdone"}},
       .source = "KVM_TDX_TERMINATE_VM, v5, July 2025 (Sean Christopherson, Adrian Hunter)",
       .expected = "vm_dead keeps vCPUs from coming back, so the HKID can go while their fds are open"});
  variant(
      {.name = "terminate_vm_gmem",
       .set = {{"caller", "terminate_vm"}, {"gmem_release", "true"}, {"write_lock_mmu", "after_vpflushdone"}},
       .source = "KVM_TDX_TERMINATE_VM, v5, July 2025",
       .expected = "mmu_lock from after VPFLUSHDONE until after FREEID keeps zaps and the release apart",
       .finding =
           "VPFLUSHDONE itself is outside mmu_lock and takes TDR exclusive; a zap holds TDR shared inside "
           "RANGE.BLOCK and PAGE.REMOVE. Whoever comes second is told TDX_OPERAND_BUSY and runs into "
           "KVM_BUG_ON."});
}

void HkidRelease::v19_variants() {
  variant({.name = "v19",
           .set = v19,
           .source = v19_087,
           .expected = "the loop ends; it is dead code where nothing re-associates a vCPU meanwhile"});
  variant({.name = "v19_gmem",
           .set = with_changes(v19, {{"gmem_release", "true"}}),
           .source = v19_087 + ", mmu_lock held for write across the HKID's state change",
           .expected = "no zap sees a TD whose HKID is half released"});
  variant({.name = "v19_no_mmu_lock",
           .set = with_changes(v19, {{"gmem_release", "true"}, {"write_lock_mmu", "never"}}),
           .source = "Sean Christopherson, August 2023, Message-ID ZN+1QHGa6ltpQxZn",
           .expected = "violated: a zap sees a half-transitioned TD"});
  variant({.name = "v19_free_does_not_disassociate",
           .set = with_changes(v19, {{"free_disassociates", "false"}}),
           .source = v19_087 + ", the comment in tdx_vcpu_free",
           .expected = "violated: kvm_unload_vcpu_mmu links the vCPU again, and it is freed while linked"});
  variant({.name = "no_load_at_teardown",
           .set = with_changes(
               v19, {{"unload_loads", "false"}, {"free_disassociates", "false"}, {"retry", "none"}}),
           .source =
               "Sean Christopherson in the thread, 2024-04-12: drop vcpu_load/put from kvm_unload_vcpu_mmu, "
               "and a close that does not load",
           .expected = "no retry and no second disassociation are needed"});
}

// Each retry rule with each thing that may happen to a vCPU meanwhile.
void HkidRelease::questions_of_the_thread() {
  const std::string april = "Re: " + v19_087 + ", April 2024: ";
  const std::vector<std::pair<std::string, std::string>> rules{
      {"", "everything"}, {"_vpflushdone_only", "vpflushdone_only"}, {"_no_retry", "none"}};
  struct Meanwhile {
    std::string name, parameter, said, finding;
  };
  const std::vector<Meanwhile> meanwhile{
      {"_close", "close_loads", "Isaku Yamahata: closing a vCPU fd may load the vCPU again",
       "VPFLUSHDONE never answers FLUSHVP_NOT_DONE, so the retry rule does not matter. What goes wrong does "
       "so after "
       "the release: a vCPU that is loaded on another pCPU then is flushed by TDH.VP.FLUSH on a TD without "
       "keys, "
       "which fails; and vcpu->cpu may say that a vCPU is linked which the release has unlinked."},
      {"_load", "vcpus_load", "Sean Christopherson: loading a vCPU does not associate it",
       "So it is: VPFLUSHDONE never answers FLUSHVP_NOT_DONE. But it may answer TDX_OPERAND_BUSY, which no "
       "rule "
       "retries: a vCPU that is loaded on another pCPU is flushed by TDH.VP.FLUSH on the old one, which "
       "holds TDR "
       "shared, and VPFLUSHDONE wants TDR exclusive. The HKID is leaked."},
      {"_enter", "vcpus_enter", "Sean Christopherson: association happens in TDH.VP.ENTER",
       "FLUSHVP_NOT_DONE does occur. TDX_OPERAND_BUSY does, too, as long as a vCPU runs (TDR shared until "
       "the TD "
       "exit), and no rule retries that: the HKID is leaked."},
      {"_metadata", "vcpus_read_metadata", "Sean Christopherson: association happens in TDH.VP.RD",
       "As with TDH.VP.ENTER: the read associates, and holds TDR shared meanwhile."}};
  for (const auto& [suffix, rule] : rules) {
    for (const auto& [name, parameter, said, finding] : meanwhile) {
      variant({.name = "v19" + suffix + name,
               .set = with_changes(v19, {{"retry", rule}, {parameter, "true"}}),
               .source = april + said,
               .expected = "for the checker to decide",
               .finding = finding});
    }
  }
}

} // namespace tdxcheck::protocols
