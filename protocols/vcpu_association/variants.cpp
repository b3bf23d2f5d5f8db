// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of vcpu_association: where each form of the code comes from, what its authors expected, what
// was found. The essay is at the head of vcpu_association.cpp.

#include "protocols/vcpu_association/vcpu_association.h"

namespace tdxcheck::protocols {

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

// vCPUs that run and migrate, and nobody else.
const Settings migration{{"creation", "false"}, {"hotplug", "false"}, {"destroy", "never"}};
// Linux 6.16 up to October 2025.
const Settings linux_6_16{{"free_unlinks", "never"}, {"tried_again", "false"}, {"vm_state_locks", "false"}};
const Settings v19{{"creation", "false"},
                   {"load_checks_hkid", "false"},
                   {"unload_loads", "true"},
                   {"free_unlinks", "always"}};
const Settings terminate{{"destroy", "terminate_vm"}, {"hotplug", "false"}};

const std::string v19_087 = "[PATCH v19 087/130] KVM: TDX: handle vcpu migration over logical processor";

} // namespace

void VcpuAssociation::variants() {
  landed_variants();
  creation_variants();
  questioned_variants();
}

void VcpuAssociation::landed_variants() {
  variant(
      {.name = "landed",
       .set = {},
       .source = "Linux 6.19, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_load, tdx_flush_vp, tdx_disassociate_vp, "
                 "tdx_disable_virtualization_cpu, tdx_vcpu_free with 1e3a825c9ec9, "
                 "tdx_acquire_vm_state_locks with 15945e9ec195",
       .expected = "no list is corrupted and TDH.VP.FLUSH never fails, so it is not retried: creation that "
                   "fails, migration, a pCPU that goes and comes, and the end of the VM, all at once",
       .left_out = "kvm_shutdown, which does not run beside CPU hotplug: landed_shutdown",
       .finding =
           "TDH.VP.FLUSH may fail while the TD is being built. A pCPU that goes offline flushes the vCPUs "
           "that were initialised there, and its callback holds none of the locks of "
           "tdx_acquire_vm_state_locks. TDH.VP.INIT (version 1) and TDH.MR.FINALIZE hold TDR exclusive "
           "meanwhile: TDH.VP.FLUSH, which wants it shared, is told TDX_OPERAND_BUSY, and nobody retries. "
           "The vCPU is unlinked but stays associated with a pCPU that has left VMX operation: it can never "
           "be entered elsewhere, and the HKID is never released. Or TDH.VP.INIT comes second: "
           "KVM_BUG_ON. landed_build_holds_cpus does without."});
  variant(
      {.name = "landed_build_holds_cpus",
       .set = {{"build_holds_cpus", "true"}},
       .source = "landed with cpus_read_lock held across TDH.VP.INIT and TDH.MR.FINALIZE; nobody's posting",
       .expected = "mends landed: no pCPU goes offline while TDR is held exclusive"});
  variant({.name = "landed_creation",
           .set = {{"hotplug", "false"}},
           .source = "landed without CPU hotplug",
           .expected = "every claim holds"});
  variant({.name = "landed_hotplug",
           .set = {{"creation", "false"}},
           .source = "landed with vCPUs that are there already and run",
           .expected = "every claim holds",
           .finding =
               "tdx_flush_vp() needs its look at vcpu->cpu (--without same_cpu_check): by the time its IPI "
               "is served the pCPU on its way offline has unlinked the vCPU. The callback itself never "
               "finds one that is linked and has vcpu->cpu == -1, unlike kvm_shutdown's IPI: it runs "
               "when no thread is pinned there."});
  default_variant("landed");
  variant({.name = "landed_three_pcpus",
           .set = {{"pcpus", "3"}, {"creation", "false"}},
           .source = "as landed; two pCPUs stay while the third goes and comes",
           .expected = "every claim holds"});
  variant(
      {.name = "landed_late_stores",
       .set = {{"creation", "false"}, {"delayed_stores", "true"}},
       .source = "as landed; the comments on smp_wmb() in tdx_disassociate_vp and on smp_rmb() in "
                 "tdx_vcpu_load",
       .expected = "the barriers keep a pCPU that sees vcpu->cpu == -1 from linking a vCPU that is not yet "
                   "unlinked",
       .finding = "The write barrier does: without it (--without smp_wmb) the poison of list_del() lands in "
                  "the new list. It matters only where a vCPU is loaded while its old pCPU flushes it of "
                  "its own accord (CPU offline, kvm_shutdown, T0): a completed call orders the stores by "
                  "itself. The read barrier has nothing to order: list_add() reads the head of its own "
                  "pCPU and only writes to the entry, and a store does not overtake the load of "
                  "vcpu->cpu that decides whether it happens."});
  variant(
      {.name = "landed_shutdown",
       .set = with_changes(migration, {{"shutdown", "true"}}),
       .source = "Linux 6.16, kvm_shutdown, tdx_disable_virtualization_cpu, tdx_handle_exit",
       .expected = "the IPI flushes every vCPU; in the window of tdx_vcpu_load() between list_add() and "
                   "vcpu->cpu = cpu it leaves one linked (disable_empties_list); TDH.VP.ENTER that is #UD "
                   "afterwards is tolerated",
       .finding =
           "no_kvm_bug: nothing keeps vCPUs from being loaded after the IPI, or in that window. The next "
           "migration sends tdx_flush_vp() to a pCPU without VMX operation: TDH.VP.FLUSH is #UD, and only "
           "tdx_handle_exit() asks for kvm_rebooting, so this is KVM_BUG_ON. list_integrity: tdx_vcpu_load() "
           "finds the vCPU on its pCPU and returns, the IPI unlinks it and sets vcpu->cpu to -1, the caller "
           "stores the pCPU all the same, and the next flush unlinks what is not linked. That the store "
           "follows the vendor's hook is from general knowledge of kvm_arch_vcpu_load()."});
  variant({.name = "landed_shutdown_early_store",
           .set = with_changes(migration, {{"shutdown", "true"}, {"late_cpu_store", "false"}}),
           .source =
               "landed_shutdown with vcpu->cpu set where the vCPU is linked, IRQs off, and nowhere else; "
               "nobody's posting",
           .expected = "mends what list_integrity and disable_empties_list find in landed_shutdown",
           .finding = "It does. no_kvm_bug is still violated: vCPUs are loaded after the IPI, too."});
}

void VcpuAssociation::creation_variants() {
  variant({.name = "linux_6_16",
           .set = with_changes(linux_6_16, {{"hotplug", "false"}}),
           .source = "Linux 6.16 up to October 2025: tdx_vcpu_free returns early while the HKID is assigned; "
                     "changed by 1e3a825c9ec9",
           .expected = "for the checker to decide",
           .finding =
               "A creation that fails after kvm_arch_vcpu_create() frees a linked vCPU. Where the memory "
               "is used again (tried_again) list_add() meets the zeroed entry, as reported. "
               "no_kvm_bug: two KVM_TDX_INIT_VCPU at once, or one and a vCPU that is loaded elsewhere, "
               "meet at TDR: TDH.VP.INIT wants it exclusive; tdx_acquire_vm_state_locks came with "
               "15945e9ec195."});
  variant(
      {.name = "init_vcpu_preempted",
       .set = {{"init_preempted", "true"}, {"hotplug", "false"}, {"creation_fails", "false"}},
       .source = "Linux 6.16 and later, tdx_vcpu_init and tdx_flush_vp; nobody's posting",
       .expected = "nothing is said of a KVM_TDX_INIT_VCPU that continues on another pCPU",
       .finding =
           "TDH.VP.INIT associates the vCPU with the pCPU. Until the state is stored as INITIALIZED "
           "tdx_flush_vp() takes it for a vCPU that the module does not know and skips TDH.VP.FLUSH. A "
           "thread "
           "that is preempted in between and continues elsewhere leaves the association behind: TDH.VP.WR "
           "answers TDX_VCPU_ASSOCIATED there (KVM_BUG_ON), and nobody flushes the vCPU at the end "
           "(hkid_not_leaked). Storing the state before TDH.VP.INIT mends it: tdx_flush_vp() accepts "
           "TDX_VCPU_NOT_ASSOCIATED. That the ioctl is preemptible there and that the store comes last are "
           "from general knowledge of kvm_arch_vcpu_ioctl() and tdx_vcpu_init()."});
  variant({.name = "init_vcpu_preempted_state_first",
           .set = {{"init_preempted", "true"}, {"hotplug", "false"}, {"init_stores_state", "first"}},
           .source = "init_vcpu_preempted with VCPU_TD_STATE_INITIALIZED stored before TDH.VP.INIT; nobody's "
                     "posting",
           .expected = "mends init_vcpu_preempted"});
  variant({.name = "v19",
           .set = v19,
           .source = v19_087,
           .expected = "tdx_vcpu_load links without asking for the HKID, so tdx_vcpu_free unlinks once more",
           .finding =
               "The second unlinking has no check for the pCPU (from general knowledge of v19): if the "
               "pCPU goes offline between the read of vcpu->cpu and the IPI, its callback unlinks the "
               "vCPU first and the handler does so again. v19_unlink_checks_cpu does without that."});
  variant(
      {.name = "v19_unlink_checks_cpu",
       .set = with_changes(v19, {{"unlink_checks_cpu", "true"}}),
       .source = v19_087 + "; the check that tdx_flush_vp has, in tdx_disassociate_vp_arg; nobody's posting",
       .expected = "every claim holds"});
  variant({.name = "v19_free_does_not_unlink",
           .set = with_changes(v19, {{"free_unlinks", "never"}}),
           .source = v19_087 + ", the comment in tdx_vcpu_free",
           .expected = "violated: kvm_unload_vcpu_mmu links the vCPU again, and it is freed while linked"});
  variant({.name = "v19_no_load_at_teardown",
           .set = with_changes(v19, {{"unload_loads", "false"}, {"free_unlinks", "never"}}),
           .source = "KVM: x86: Don't load/put vCPU when unloading its MMU during teardown (Sean "
                     "Christopherson, February 2025)",
           .expected = "nothing links a vCPU again, so nothing needs to unlink it"});
  terminate_variants();
}

void VcpuAssociation::terminate_variants() {
  const std::string v5 = "KVM_TDX_TERMINATE_VM, v5, July 2025 (Sean Christopherson, Adrian Hunter)";
  const Settings running = with_changes(terminate, {{"creation", "false"}});
  variant({.name = "terminate_vm",
           .set = with_changes(running, {{"free_unlinks", "never"}}),
           .source = v5,
           .expected = "vm_dead keeps vCPUs away once their mutexes are released",
           .finding = "Not all of them: kvm_vcpu_ioctl() asks for vm_dead before it takes the mutex (general "
                      "knowledge of kvm_main.c). An ioctl that waits for the mutex meanwhile loads its vCPU "
                      "after all. KVM_REQ_VM_DEAD keeps it from TDH.VP.ENTER, but it is linked after it was "
                      "flushed, nobody unlinks it, and the end of the VM frees it."});
  variant({.name = "terminate_vm_unlinks",
           .set = running,
           .source = v5 + ", with 1e3a825c9ec9",
           .expected = "mends terminate_vm: tdx_vcpu_free unlinks what vcpu->cpu says is linked",
           .finding = "A load after the release sets vcpu->cpu although it links nothing. tdx_vcpu_free then "
                      "meets an initialised vCPU that seems not to be flushed (KVM_BUG_ON), and unlinks what "
                      "is not linked."});
  const Settings asks = with_changes(terminate, {{"vm_dead_check", "under_mutex"}});
  variant({.name = "terminate_vm_asks_under_mutex",
           .set = with_changes(asks, {{"creation", "false"}, {"free_unlinks", "never"}}),
           .source = v5 + ", with vm_dead asked for under vcpu->mutex; nobody's posting",
           .expected = "mends terminate_vm"});
  variant({.name = "terminate_vm_creation",
           .set = with_changes(asks, {{"free_unlinks", "never"}, {"creation_fails", "false"}}),
           .source = v5 + ", and a vCPU that is being created",
           .expected = "for the checker to decide",
           .finding = "A vCPU that is being created is in no array yet: its mutex is not tried, it is not "
                      "flushed, and nothing asks for vm_dead before it is added. It stays linked, nobody "
                      "unlinks it after the HKID is released, and the end of the VM frees it."});
  variant({.name = "terminate_vm_creation_unlinks",
           .set = asks,
           .source = v5 + ", with 1e3a825c9ec9",
           .expected = "mends terminate_vm_creation: tdx_vcpu_free unlinks what vcpu->cpu says is linked",
           .finding = "Not quite: a vCPU that is loaded after the HKID was released is not linked, but "
                      "kvm_arch_vcpu_load() sets its vcpu->cpu; tdx_vcpu_free then unlinks an entry that was "
                      "never linked."});
  variant({.name = "terminate_vm_keeps_mutexes",
           .set = with_changes(asks, {{"terminate_keeps_mutexes", "true"}}),
           .source = v5 + ", with the mutexes kept until the HKID is released; nobody's posting",
           .expected = "no better than terminate_vm_creation_unlinks: a mutex does not stop a creation"});
  variant({.name = "terminate_vm_counts",
           .set = with_changes(asks, {{"terminate_counts", "true"}}),
           .source = v5 + ", refused while created_vcpus != online_vcpus, as tdx_acquire_vm_state_locks "
                          "refuses since October 2025; nobody's posting",
           .expected = "mends terminate_vm_creation_unlinks",
           .finding = "Not alone: a creation that has asked for vm_dead and not yet taken kvm->lock is not "
                      "counted. terminate_vm_counts_and_asks does without that."});
  variant({.name = "terminate_vm_counts_and_asks",
           .set = with_changes(asks, {{"terminate_counts", "true"}, {"create_asks_again", "true"}}),
           .source = v5 + ", likewise, and KVM_CREATE_VCPU asks for vm_dead again under kvm->lock; nobody's "
                          "posting",
           .expected = "every claim holds"});
}

void VcpuAssociation::questioned_variants() {
  variant({.name = "flush_with_irqs_off",
           .set = with_changes(migration, {{"flush_with_irqs_off", "true"}}),
           .source = "Linux 6.16, tdx_vcpu_load, with local_irq_disable() before the flush; nobody's posting",
           .expected = "violated: two vCPUs that change places wait for each other's IRQs"});
  variant({.name = "local_lock",
           .set = with_changes(migration, {{"list_lock", "local_lock"}, {"shutdown", "true"}}),
           .source = "Paolo Bonzini, September 2024; Yan Zhao, 2024-11-04",
           .expected = "lock_discipline violated: on_each_cpu() of kvm_shutdown takes in an interrupt what "
                       "sleeps on PREEMPT_RT",
           .finding = "Two places before that do, too: tdx_vcpu_load() runs with preemption off, and every "
                      "flush on migration is an IPI. What else is violated is as in landed_shutdown."});
  variant({.name = "directed_yield_reads",
           .set = with_changes(migration, {{"others_read", "true"}}),
           .source = "tdx_protected_apic_has_interrupt, if the scan of kvm_vcpu_on_spin reached it; a "
                     "hypothesis, nobody's posting",
           .expected = "for the checker to decide",
           .finding =
               "TDH.VP.RD associates the vCPU with the reader's pCPU, or is told TDX_VCPU_ASSOCIATED; "
               "in flight it makes TDH.VP.FLUSH busy. KVM must read a vCPU's fields on its own thread."});
}

} // namespace tdxcheck::protocols
