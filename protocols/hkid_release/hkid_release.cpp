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

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
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

// ---- tdx.c ----

void HkidRelease::kvm_bug(Thread& t, const std::string& text, Location where) {
  t.step(text, where).set_if(bug_kills_vm, vm_dead, true).asserts("no_kvm_bug", false, text);
}

void HkidRelease::on_some_cpu(Task& k, const std::function<void(const Expr&)>& seamcall) {
  when(reboot)
      .then([&] {
        k.on.preempt_disable(k.t);
        k.on.pinned(k.t, [&] {
          k.on.local_irq_disable(k.t);
          seamcall(k.on.cpu());
          k.on.local_irq_enable(k.t);
          k.on.preempt_enable(k.t);
        });
      })
      .otherwise([&] { seamcall({}); });
}

Expr HkidRelease::worth_a_retry(const Task& k) const {
  return k.rax == "TDX_FLUSHVP_NOT_DONE" || (retry_busy && k.rax == "TDX_OPERAND_BUSY");
}

void HkidRelease::tdx_mmu_release_hkid(Task& k, const Expr& vm) {
  k.t.function("tdx_mmu_release_hkid", [&] {
    k.t.operation("release_hkid", [&] {
      k.t.loop("release_all").try_and_retry_while(worth_a_retry(k) && retry == "everything", retries, [&] {
        __tdx_mmu_release_hkid(k, vm);
      });
    });
  });
  k.t.let(k.rax, "SUCCESS");
}

// The landed function is this one with retry = none: FLUSHVP_NOT_DONE returns silently and the HKID stays
// assigned.
void HkidRelease::__tdx_mmu_release_hkid(Task& k, const Expr& vm) {
  auto& t = k.t;
  const bool has_vcpus = t.builder().thread().name == "T0";
  t.function("__tdx_mmu_release_hkid", [&] {
    when(!hkid_assigned[vm]).then([&] { t.return_(); });
    if (has_vcpus) {
      when(caller != "init_vm_failed").then([&] {
        t.relying_on("flush_vcpus", "every vCPU is flushed before VPFLUSHDONE", [&] {
          t.for_each(vcpu, "flushing",
                     [&](const Expr& v) { tdx_flush_vp_on_cpu(k, v, flush_by_destroyer, {}); });
        });
      });
    }
    tdx_lock.lock(t);
    when(write_lock_mmu == "before_vpflushdone").then([&] { mmu_lock.write_lock(t); });
    t.loop("vpflushdone").try_and_retry_while(worth_a_retry(k) && retry == "vpflushdone_only", retries, [&] {
      on_some_cpu(k, [&](const Expr& cpu) { td.mng_vpflushdone(k.on_cpu(cpu), vm); });
      t.check("retry_never_needed", k.rax != "TDX_FLUSHVP_NOT_DONE",
              "TDH.MNG.VPFLUSHDONE does not answer TDX_FLUSHVP_NOT_DONE");
    });
    when(k.rax == "SUCCESS")
        .then([&] {
          when(write_lock_mmu == "after_vpflushdone").then([&] { mmu_lock.write_lock(t); });
          t.relying_on("cache_wb", "every package writes back before KEY.FREEID",
                       [&] { cpus.call_all(t, cache_wb, vm); });
          on_some_cpu(k, [&](const Expr& cpu) { td.mng_key_freeid(k.on_cpu(cpu), vm); });
          when(k.rax == "SUCCESS")
              .then([&] { t.step("hkid = -1").set(hkid_assigned[vm], false); })
              .otherwise([&] {
                kvm_bug(t, "KVM_BUG_ON: TDH.MNG.KEY.FREEID failed, HKID leaked");
                t.let(k.rax, "SUCCESS");
              });
          when(write_lock_mmu == "after_vpflushdone").then([&] { mmu_lock.write_unlock(t); });
        })
        .otherwise([&] {
          when(k.rax != "TDX_FLUSHVP_NOT_DONE" && !(retry != "none" && worth_a_retry(k))).then([&] {
            kvm_bug(t, "KVM_BUG_ON: TDH.MNG.VPFLUSHDONE failed, HKID leaked");
          });
        });
    when(write_lock_mmu == "before_vpflushdone").then([&] { mmu_lock.write_unlock(t); });
    tdx_lock.unlock(t);
  });
}

// Runs anywhere, IRQs on. The error of the handler is looked at when the call is complete.
void HkidRelease::tdx_flush_vp_on_cpu(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  auto& t = k.t;
  t.function("tdx_flush_vp_on_cpu", [&] {
    const Variable old_cpu = t.scratch("old_cpu", dsl::optional_index(cpus.set), dsl::none());
    t.step("cpu = vcpu->cpu").set(old_cpu, vcpu_cpu[v]);
    when(is_none(old_cpu)).then([&] { t.return_(); });
    if (sender.empty()) t.step("arg.vcpu = vcpu").set(flushed_vcpu, v);
    cpus.call_single(t, flush.call, old_cpu, sender);
    t.let(old_cpu, dsl::none());
    const Variable failed = sender.empty() ? flush.failed : flush.failed[sender];
    when(failed).then([&] {
      t.step("KVM_BUG_ON: TDH.VP.FLUSH failed")
          .set_if(bug_kills_vm, vm_dead, true)
          .set(failed, false)
          .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.VP.FLUSH failed");
    });
  });
}

// On the pCPU where KVM believes the vCPU to be associated, in IRQ context.
void HkidRelease::tdx_flush_vp(Thread& t, const Expr& v, const Expr& cpu, const Variable& rax,
                               const Variable& failed) {
  t.function("tdx_flush_vp", [&] {
    t.relying_on("same_cpu_check", "the handler looks whether the vCPU is still this pCPU's",
                 [&] { when(vcpu_cpu[v] != cpu).then([&] { t.return_(); }); });
    td.vp_flush({t, rax, cpu}, v);
    when(rax != "SUCCESS" && rax != "TDX_VCPU_NOT_ASSOCIATED").then([&] {
      t.step("arg.err = err").set(failed, true);
    });
    t.let(rax, "SUCCESS");
    tdx_disassociate_vp(t, v, cpu);
  });
}

// With IRQs off on the pCPU that owns the list.
void HkidRelease::tdx_disassociate_vp(Thread& t, const Expr& v, const Expr& cpu) {
  t.function("tdx_disassociate_vp", [&] {
    t.relying_on("list_del", "the vCPU is unlinked from the pCPU's list", [&] {
      t.step("list_del(&to_tdx(vcpu)->cpu_list)")
          .set(listed[v], dsl::none())
          .asserts("list_integrity", listed[v] == cpu,
                   "the vCPU is linked in the list of the pCPU that unlinks it")
          .asserts("no_use_after_free", !vcpu_freed[v], "the list of a pCPU holds no freed vCPU");
    });
    t.step("vcpu->cpu = -1").set(vcpu_cpu[v], dsl::none());
  });
}

void HkidRelease::smp_func_do_phymem_cache_wb(Thread& t, const Expr& cpu, const Variable& rax) {
  t.function("smp_func_do_phymem_cache_wb", [&] {
    t.loop("cache_wb").try_and_retry_while(rax == "TDX_INTERRUPTED_RESUMABLE", cache_wb_retries, [&] {
      td.phymem_cache_wb({t, rax, cpu}, rax != "SUCCESS");
    });
    when(rax != "SUCCESS" && rax != "TDX_NO_HKID_READY_TO_WBCACHE").then([&] {
      t.step("WARN: TDH.PHYMEM.CACHE.WB failed")
          .asserts("no_warning", false, "WARN: TDH.PHYMEM.CACHE.WB failed");
    });
    t.let(rax, "SUCCESS");
  });
}

// Preemption is off on the pCPU, IRQs are on.
void HkidRelease::tdx_vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  auto& t = k.t;
  const Expr cpu = k.on.cpu();
  t.function("tdx_vcpu_load", [&] {
    when(vcpu_cpu[v] == cpu).then([&] { t.return_(); });
    when(load_checks_hkid).then([&] { when(!hkid_assigned[vm()]).then([&] { t.return_(); }); });
    t.relying_on("flush_on_migration", "the vCPU is flushed from the pCPU it leaves",
                 [&] { tdx_flush_vp_on_cpu(k, v, flush, sender); });
    const auto list_add = [&] {
      t.step("list_add(&tdx->cpu_list, &associated_tdvcpus)")
          .set(listed[v], cpu)
          .asserts("list_integrity", is_none(listed[v]), "a vCPU that is linked already is not linked again")
          .asserts("list_integrity", cpus.irqs_off[cpu], "a pCPU's list is changed with IRQs off");
    };
    const std::string off = "irqs_off_list_add", why = "IRQs are off while the vCPU is linked";
    t.relying_on(off, why, [&] { k.on.local_irq_disable(t); });
    list_add();
    when(!late_cpu_store).then([&] { t.step("vcpu->cpu = cpu").set(vcpu_cpu[v], cpu); });
    t.relying_on(off, why, [&] { k.on.local_irq_enable(t); });
  });
  t.function("kvm_arch_vcpu_load",
             [&] { when(late_cpu_store).then([&] { t.step("vcpu->cpu = cpu").set(vcpu_cpu[v], cpu); }); });
}

// IRQs off. BUSY goes back to the run loop, an error to user space; neither is a bug here.
void HkidRelease::tdx_vcpu_run(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    k.on.local_irq_disable(t);
    td.vp_enter(k.on_cpu(k.on.cpu()), v);
    when(k.rax == "TDX_VCPU_ASSOCIATED").then([&] {
      t.step("KVM_EXIT_INTERNAL_ERROR: associated elsewhere")
          .asserts("never_associated_elsewhere", false, "TDH.VP.ENTER never answers TDX_VCPU_ASSOCIATED");
    });
    when(k.rax == "TDX_SEAMCALL_UD").then([&] {
      t.step("KVM_BUG_ON(!kvm_rebooting)")
          .asserts("no_kvm_bug", rebooting,
                   "KVM_BUG_ON: TDH.VP.ENTER is #UD although the machine does not reboot");
    });
    t.let(k.rax, "SUCCESS");
    k.on.local_irq_enable(t);
  });
}

void HkidRelease::tdx_vcpu_free(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_vcpu_free", [&] {
    // tdx_disassociate_vp_on_cpu: unlinks, without TDH.VP.FLUSH, which would fail once the HKID is released.
    when(free_disassociates).then([&] {
      const Variable old_cpu = t.scratch("old_cpu", dsl::optional_index(cpus.set), dsl::none());
      t.step("cpu = vcpu->cpu").set(old_cpu, vcpu_cpu[v]);
      when(is_some(old_cpu)).then([&] {
        t.step("arg.vcpu = vcpu").set(flushed_vcpu, v);
        cpus.call_single(t, disassociate, old_cpu);
        t.let(old_cpu, dsl::none());
      });
    });
    when(hkid_assigned[vm()]).then([&] { t.return_(); });
    on_some_cpu(k, [&](const Expr& cpu) { td.phymem_page_reclaim_tdvpr(k.on_cpu(cpu), v); });
    t.let(k.rax, "SUCCESS");
  });
}

void HkidRelease::tdx_vm_destroy(Task& k, const Expr& of) {
  auto& t = k.t;
  t.function("tdx_vm_destroy", [&] {
    when(hkid_assigned[of]).then([&] { t.return_(); });
    on_some_cpu(k, [&](const Expr& cpu) { td.phymem_page_reclaim_tdr(k.on_cpu(cpu), of); });
    t.let(k.rax, "SUCCESS");
  });
}

// The zap of the one private page, mmu_lock held for write. TDH.MEM.TRACK is left out: no vCPU's epoch is
// modelled.
void HkidRelease::tdx_sept_remove_private_spte(Task& k) {
  auto& t = k.t;
  const auto bug_unless_success = [&](const std::string& text) {
    when(k.rax != "SUCCESS").then([&] {
      kvm_bug(t, text);
      t.let(k.rax, "SUCCESS");
      t.return_();
    });
  };
  t.function("tdx_sept_remove_private_spte", [&] {
    when(hkid_assigned[vm()])
        .then([&] {
          const auto repeating = [&](const std::string& loop,
                                     const std::function<void(const Expr&)>& seamcall) {
            t.loop(loop).try_and_retry_while(k.rax == "TDX_OPERAND_BUSY", zap_retries,
                                             [&] { on_some_cpu(k, seamcall); });
          };
          repeating("block", [&](const Expr& cpu) { td.mem_range_block(k.on_cpu(cpu), private_page()); });
          bug_unless_success("KVM_BUG_ON: TDH.MEM.RANGE.BLOCK failed");
          repeating("remove", [&](const Expr& cpu) { td.mem_page_remove(k.on_cpu(cpu), private_page()); });
          bug_unless_success("KVM_BUG_ON: TDH.MEM.PAGE.REMOVE failed");
        })
        .otherwise([&] {
          on_some_cpu(
              k, [&](const Expr& cpu) { td.phymem_page_reclaim_private(k.on_cpu(cpu), private_page()); });
          bug_unless_success("KVM_BUG_ON: TDH.PHYMEM.PAGE.RECLAIM failed");
        });
  });
}

// kvm_shutdown's IPI on each pCPU: every vCPU in this pCPU's list, then VMXOFF.
void HkidRelease::tdx_disable_virtualization_cpu(Thread& t, const Expr& cpu, const Variable& rax) {
  t.function("tdx_disable_virtualization_cpu", [&] {
    t.for_each(vcpu, "disabling", [&](const Expr& v) {
      when(listed[v] == cpu).then([&] { tdx_flush_vp(t, v, cpu, rax, flush_by_vcpu.failed[v]); });
    });
    t.step("VMXOFF").set(system.vmx_on[cpu], false);
  });
}

// Every vCPU mutex is tried, held together while the VM is marked dead, and released again. lock_discipline
// does not follow this: a label holds a fixed set of locks, a loop over vCPUs does not.
void HkidRelease::tdx_terminate_vm(Task& k) {
  auto& t = k.t;
  t.function("tdx_terminate_vm", [&] {
    const Variable locked = t.scratch("locked", dsl::subset(vcpu), dsl::empty_set());
    const Variable busy = t.scratch("busy", dsl::boolean(), false);
    t.for_each(vcpu, "trying", [&](const Expr& v) {
      t.one_of({[&] {
                  t.step("mutex_trylock(vcpu->mutex) takes it")
                      .when(!vcpu_mutex.of(v).locked())
                      .set(vcpu_mutex.of(v).locked(), true)
                      .set(locked, with(locked, v));
                },
                [&] {
                  t.step("mutex_trylock(vcpu->mutex) finds it taken")
                      .when(vcpu_mutex.of(v).locked())
                      .set(busy, true);
                  t.leave_loop();
                }});
    });
    when(!busy).then([&] {
      t.relying_on("vm_dead", "KVM_TDX_TERMINATE_VM marks the VM dead while it holds every vCPU's mutex",
                   [&] { t.step("kvm->vm_dead = true").set(vm_dead, true); });
    });
    t.forever([&] {
      when(count(locked) == 0).then([&] { t.leave_loop(); });
      t.step("mutex_unlock(vcpu->mutex)").some(vcpu, "v", [&](auto& step, const Expr& v) {
        step.when(contains(locked, v)).set(vcpu_mutex.of(v).locked(), false).set(locked, without(locked, v));
      });
    });
    when(busy).then([&] {
      t.let(busy, false);
      t.return_();
    });
    tdx_mmu_release_hkid(k, vm());
  });
}

// ---- x86.c, kvm_main.c ----

// vcpu_load() .. vcpu_put(). In between the thread is pinned: a preempted one would be put and loaded again,
// which is the same as leaving and coming back.
void HkidRelease::vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender,
                            const dsl::Body& loaded) {
  k.t.function("vcpu_load", [&] { k.on.preempt_disable(k.t); });
  k.on.pinned(k.t, [&] {
    tdx_vcpu_load(k, v, flush, sender);
    loaded();
    k.t.function("vcpu_put", [&] { k.on.preempt_enable(k.t); });
  });
}

void HkidRelease::kvm_vcpu_ioctl(Task& k, const Expr& v, const dsl::Body& body) {
  auto& t = k.t;
  const Expr contended = caller == "terminate_vm"; // otherwise nobody else takes a vCPU's mutex
  t.function("kvm_vcpu_ioctl", [&] {
    const auto unlock = [&] { when(contended).then([&] { vcpu_mutex.of(v).unlock(t); }); };
    when(contended).then([&] { vcpu_mutex.of(v).lock(t); });
    t.relying_on("vm_dead_check", "ioctls on a dead VM are refused", [&] {
      when(vm_dead).then([&] {
        t.step("return -EIO");
        unlock();
        t.return_();
      });
    });
    vcpu_load(k, v, flush_by_vcpu, v, body);
    unlock();
  });
}

void HkidRelease::kvm_vcpu_release(Task& k, const Expr& v) {
  k.t.function("kvm_vcpu_release", [&] {
    when(close_loads).then([&] { vcpu_load(k, v, flush_by_vcpu, v, [] {}); });
    k.t.step("kvm_put_kvm()").set(fds_open[v], false);
  });
}

void HkidRelease::kvm_unload_vcpu_mmus(Task& k) {
  k.t.function("kvm_unload_vcpu_mmus", [&] {
    when(unload_loads).then([&] {
      k.t.for_each(vcpu, "unloading", [&](const Expr& v) { vcpu_load(k, v, flush_by_destroyer, {}, [] {}); });
    });
  });
}

void HkidRelease::kvm_destroy_vcpus(Task& k) {
  auto& t = k.t;
  t.function("kvm_destroy_vcpus", [&] {
    t.for_each(vcpu, "destroying", [&](const Expr& v) {
      tdx_vcpu_free(k, v);
      t.step("kmem_cache_free(vcpu)")
          .set(vcpu_freed[v], true)
          .asserts("no_use_after_free", is_none(listed[v]),
                   "a vCPU is not linked in a list when it is freed");
    });
  });
}

void HkidRelease::kvm_gmem_release(Task& k) {
  auto& t = k.t;
  t.function("kvm_gmem_release", [&] {
    mmu_lock.write_lock(t);
    tdx_sept_remove_private_spte(k);
    mmu_lock.write_unlock(t);
    t.step("kvm_put_kvm()").set(gmem_done, true);
  });
}

} // namespace tdxcheck::protocols
