// SPDX-License-Identifier: GPL-2.0-or-later

// hkid_release: arch/x86/kvm/vmx/tdx.c.

#include "protocols/hkid_release/hkid_release.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

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

} // namespace tdxcheck::protocols
