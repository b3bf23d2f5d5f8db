// SPDX-License-Identifier: GPL-2.0-or-later

// Releasing the HKID of a TD: every vCPU is flushed by IPI from the pCPU that owns it, TDH.MNG.VPFLUSHDONE
// confirms that none is associated any more, TDH.PHYMEM.CACHE.WB runs on every package, TDH.MNG.KEY.FREEID
// gives the HKID back. Then the TD's pages are reclaimed.
//
// THE QUESTION. In "Re: [PATCH v19 087/130] KVM: TDX: handle vcpu migration over logical processor" (April
// 2024) Reinette Chatre asks why tdx_mmu_release_hkid() repeats everything, flush IPIs included, when
// VPFLUSHDONE answers TDX_FLUSHVP_NOT_DONE, instead of repeating VPFLUSHDONE alone. Isaku Yamahata: a vCPU
// whose fd is being closed may be loaded again meanwhile. Sean Christopherson: loading does not associate;
// TDH.VP.ENTER and the metadata reads do. So the retry rule (`retry`, `retries`) and what vCPU threads may do
// meanwhile (`vcpus_load`, `vcpus_enter`, `vcpus_read_metadata`) are parameters here, independent of each
// other and of who releases (`caller`).
//
// SOURCES. The thread above (12 to 17 April 2024); v17 071/116 (November 2023) and v19 087/130 for the old
// form; Linux 6.16 arch/x86/kvm/vmx/tdx.c for the landed one, tdx_mmu_release_hkid, tdx_flush_vp,
// tdx_vcpu_load, tdx_vcpu_free; "KVM: x86: Don't load/put vCPU when unloading its MMU during teardown"
// (February 2025); the KVM_TDX_TERMINATE_VM series (April to July 2025, v5). The module's side is in
// protocols/module/.
//
// THREADS
//   T0        releases the HKID and destroys the VM, once. Who it is depends on `caller`: the last reference
//   to the
//             VM dropped (vm_destroy), the MMU notifier's release while vCPU fds are open and the destruction
//             after it (mmu_notifier), a KVM_TDX_INIT_VM that fails (init_vm_failed), KVM_TDX_TERMINATE_VM
//             and the destruction after it (terminate_vm).
//   vcpu[v]   a user thread that owns the vCPU's fd. It may issue the ioctls that the switches allow, for
//   ever, and
//             may close the fd, which it does once; or stop anywhere in between. Before all that it has run
//             on some pCPU, or on none.
//   gmem      closes the guest_memfd once: one private page is zapped.
//   other_T0  releases the HKID of a second VM without vCPUs, once.
//   reboot    kvm_shutdown: disables virtualization on every pCPU by IPI, once.
//   ipi[c]    handlers on pCPU c, for ever.
//
// LEFT OUT. CPU hotplug: cpus_read_lock is held throughout and no pCPU goes away (vcpu_association has that).
// The smp_wmb/smp_rmb pair between list_del and vcpu->cpu: memory is sequentially consistent here. cpumask
// allocation failure: one pCPU per package is found, and each pCPU is a package. The cgroup charge and the
// IDA. PAGE.RECLAIM races on one page. The order of vCPUs in kvm_for_each_vcpu is by number, as in the
// kernel. The first posting of KVM_TDX_TERMINATE_VM, which had the result of the trylock inverted. In the v19
// form some failures only warn; here each is the assertion that the landed form makes of it (KVM_BUG_ON), so
// `no_kvm_bug` says "or warns" there.

#include "protocols/hkid_release/hkid_release.h"

namespace tdxcheck::protocols {

using dsl::when;

HkidRelease::HkidRelease()
    : Protocol("hkid_release",
               "HKID release at VM teardown: flush, VPFLUSHDONE, CACHE.WB, KEY.FREEID, reclaim"),
      vcpus(integer_parameter("vcpus", 2, 1, 4, "vCPUs of the VM")),
      pcpus(integer_parameter("pcpus", 2, 1, 4, "pCPUs, each a package of its own")),
      caller(enum_parameter("caller", {"vm_destroy", "mmu_notifier", "init_vm_failed", "terminate_vm"},
                            "who calls tdx_mmu_release_hkid()")),
      gmem_release(
          bool_parameter("gmem_release", false, "a guest_memfd with one private page is released, too")),
      other_vm(bool_parameter("other_vm", false, "a second VM releases its HKID at the same time")),
      reboot(bool_parameter("reboot", false, "the machine may reboot (kvm_shutdown)")),
      vcpus_load(bool_parameter("vcpus_load", false, "vCPU threads may load and put their vCPU at any time")),
      vcpus_enter(bool_parameter("vcpus_enter", false, "vCPU threads may enter the guest at any time")),
      vcpus_read_metadata(
          bool_parameter("vcpus_read_metadata", false, "vCPU threads may issue TDH.VP.RD at any time")),
      retry(enum_parameter("retry", {"none", "vpflushdone_only", "everything"},
                           "what is repeated when VPFLUSHDONE answers TDX_FLUSHVP_NOT_DONE")),
      retries(limit_parameter("retries", dsl::unlimited, 16, "how often at most")),
      retry_busy(
          bool_parameter("retry_busy", false, "TDX_OPERAND_BUSY is repeated like TDX_FLUSHVP_NOT_DONE")),
      write_lock_mmu(enum_parameter("write_lock_mmu", {"never", "before_vpflushdone", "after_vpflushdone"},
                                    "from where until after KEY.FREEID mmu_lock is held for write")),
      load_checks_hkid(
          bool_parameter("load_checks_hkid", true, "tdx_vcpu_load() does nothing once the HKID is released")),
      close_loads(bool_parameter("close_loads", false, "closing a vCPU fd loads and puts the vCPU")),
      unload_loads(bool_parameter("unload_loads", false,
                                  "kvm_unload_vcpu_mmus() loads and puts every vCPU at teardown")),
      free_disassociates(
          bool_parameter("free_disassociates", false, "tdx_vcpu_free() flushes the vCPU once more")),
      bug_kills_vm(
          bool_parameter("bug_kills_vm", true, "a failure is KVM_BUG_ON; otherwise it warns and goes on")),
      late_cpu_store(
          bool_parameter("late_cpu_store", true,
                         "vcpu->cpu is set by kvm_arch_vcpu_load() after tdx_vcpu_load(), linked or not; "
                         "otherwise where the vCPU is linked, with IRQs off")),
      zap_retries(limit_parameter("zap_retries", 1, 16, "how often a zap repeats a SEAMCALL that is BUSY")),
      cache_wb_retries(
          limit_parameter("cache_wb_retries", 10000, 10000,
                          "rounds of TDH.PHYMEM.CACHE.WB while it answers INTERRUPTED_RESUMABLE")),
      cache_wb_blocks(
          integer_parameter("cache_wb_blocks", 2, 1, 4,
                            "blocks of a package's write-back; an interrupt may stop it in between")),
      tds(index_set("td", choose(other_vm, 2, 1))),
      vcpu(index_set("vcpu", vcpus)),
      cpus(*this, pcpus),
      system(*this, {.module = module_parameter(*this, "1.5.16"), .cpus = cpus.set, .may_leave_vmx = reboot}),
      td(*this, system, td_spec()),
      tdx_lock(*this, {.name = "tdx_lock",
                       .doc = "keeps VPFLUSHDONE, CACHE.WB and KEY.FREEID of several TDs apart",
                       .rank = 20,
                       .guard = "tdx_lock"}),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 30, .guard = "mmu_lock"}, 0, 2),
      vcpu_mutex(*this, {.name = "vcpu->mutex", .rank = 10, .per = {vcpu}}),
      hkid_assigned(variable("hkid_assigned", tds, dsl::boolean(), true, "kvm_tdx->hkid > 0")),
      vcpu_cpu(variable("vcpu->cpu", vcpu, dsl::optional_index(cpus.set), dsl::none(),
                        "where KVM believes the vCPU to be associated")),
      listed(variable("associated_tdvcpus", vcpu, dsl::optional_index(cpus.set), dsl::none(),
                      "the pCPU whose list the vCPU is linked in")),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead")),
      fds_open(variable("vcpu_fd_open", vcpu, dsl::boolean(), caller != "init_vm_failed")),
      vcpu_freed(variable("vcpu_freed", vcpu, dsl::boolean(), false, "struct kvm_vcpu was given back")),
      ready(variable("ready", vcpu, dsl::boolean(), false, "the vCPU has its past behind it")),
      gmem_done(variable("gmem_released", dsl::boolean(), !gmem_release, "the guest_memfd is gone")),
      rebooting(variable("kvm_rebooting", dsl::boolean(), false)),
      released(variable("release_returned", dsl::boolean(), false, "tdx_mmu_release_hkid() has returned")),
      destroyed(variable("vm_destroyed", dsl::boolean(), false, "tdx_vm_destroy() has returned")),
      flushed_vcpu(variable("flushed_vcpu", dsl::index(vcpu), 0, "argument of T0's call of tdx_flush_vp")),
      flush_by_destroyer{{}, variable("flush_error(T0)", dsl::boolean(), false)},
      flush_by_vcpu{{}, variable("flush_error", vcpu, dsl::boolean(), false)} {}

// One zapper at a time exists here, so neither the tree, nor an entry, nor EPOCH has anybody to be kept from,
// and no vCPU's epoch is modelled.
TdSpec HkidRelease::td_spec() const {
  TdSpec spec{.tds = tds, .vcpus = vcpu, .callers = vcpus + pcpus + 2};
  spec.modelled.sept_tree = spec.modelled.sept_entry = spec.modelled.tlb_tracking = false;
  spec.vcpu_state = choose(caller == "init_vm_failed", vcpu_state("NONE"), vcpu_state("READY"));
  spec.entries = choose(gmem_release, sept_entry("MAPPED"), sept_entry("FREE"));
  spec.write_back_blocks = cache_wb_blocks;
  return spec;
}

} // namespace tdxcheck::protocols
