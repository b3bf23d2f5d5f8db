// SPDX-License-Identifier: GPL-2.0-or-later

// What a vCPU lives through in vcpu_association: creation, KVM_TDX_INIT_VCPU, KVM_RUN, destruction. The essay
// is at the head of vcpu_association.cpp.

#include "protocols/vcpu_association/vcpu_association.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

void VcpuAssociation::on_this_cpu(Task& k, const dsl::Body& seamcall) {
  k.on.local_irq_disable(k.t);
  seamcall();
  k.on.local_irq_enable(k.t);
}

void VcpuAssociation::bug_unless_success(Task& k, const std::string& text, Location where) {
  when(k.rax != "SUCCESS").then([&] {
    k.t.step("KVM_BUG_ON: " + text, where)
        .set(k.rax, "SUCCESS")
        .set(vm_dead, true)
        .asserts("no_kvm_bug", false, "KVM_BUG_ON: " + text);
  });
}

// ---- virt/kvm/kvm_main.c ----

// vcpu_load() .. vcpu_put(). In between the thread is pinned; where preemption is the point it is put and
// loaded again (sched_out_and_in).
void VcpuAssociation::vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  k.t.function("vcpu_load", [&] {
    k.on.preempt_disable(k.t);
    k.on.pinned(k.t, [&] { kvm_arch_vcpu_load(k, v, flush, sender); });
  });
}

void VcpuAssociation::vcpu_put(Task& k) {
  k.on.pinned(k.t, [&] { k.t.function("vcpu_put", [&] { k.on.preempt_enable(k.t); }); });
}

// Maybe on the same pCPU, which is the same as not being preempted.
void VcpuAssociation::sched_out_and_in(Task& k, const Expr& v) {
  k.on.pinned(k.t, [&] { k.t.function("kvm_sched_out", [&] { k.on.preempt_enable(k.t); }); });
  k.t.function("kvm_sched_in", [&] { vcpu_load(k, v, flush_by_vcpu, v); });
}

void VcpuAssociation::kvm_vm_ioctl_create_vcpu(Task& k, const Expr& v) {
  auto& t = k.t;
  const auto free = [&] {
    auto step = t.step("kmem_cache_free(vcpu), kvm->created_vcpus--");
    step.set(vcpu_cpu[v], dsl::none()).set(in_creation[v], false);
    list.free(step, v);
  };
  t.function("kvm_vm_ioctl_create_vcpu", [&] {
    kvm_lock.lock(t);
    when(create_asks_again && terminates()).then([&] {
      when(vm_dead).then([&] {
        kvm_lock.unlock(t);
        t.return_();
      });
    });
    t.step("kvm->created_vcpus++").set(in_creation[v], true);
    kvm_lock.unlock(t);
    {
      auto step = t.step("kmem_cache_zalloc(vcpu)");
      list.allocate(step, v);
    }
    t.one_of({[&] {
                t.step("tdx_vcpu_create() fails").when(creation_fails || td.is_runnable());
                free();
                t.return_();
              },
              [&] { t.step("tdx_vcpu_create()").when(!td.is_runnable()); }});
    t.function("kvm_arch_vcpu_create", [&] {
      vcpu_load(k, v, flush_by_vcpu, v);
      vcpu_put(k);
    });
    kvm_lock.lock(t);
    t.one_of({[&] {
                t.step("the vCPU's id exists: -EEXIST").when(creation_fails);
                kvm_lock.unlock(t);
                tdx_vcpu_free(k, v, flush_by_vcpu, v);
                free();
              },
              [&] {
                t.step("kvm->vcpu_array[i] = vcpu, kvm->online_vcpus++")
                    .set(in_vcpu_array[v], true)
                    .set(in_creation[v], false);
                kvm_lock.unlock(t);
              }});
  });
}

void VcpuAssociation::kvm_vcpu_ioctl(Task& k, const Expr& v, const dsl::Body& loaded) {
  auto& t = k.t;
  const auto refused_if_dead = [&](const dsl::Body& unlock) {
    t.relying_on("vm_dead_check", "ioctls on a dead VM are refused", [&] {
      when(vm_dead).then([&] {
        unlock();
        t.return_();
      });
    });
  };
  t.function("kvm_vcpu_ioctl", [&] {
    when(terminates() && vm_dead_check == "before_mutex").then([&] { refused_if_dead([] {}); });
    vcpu_mutex.lock(t, v);
    when(terminates() && vm_dead_check == "under_mutex").then([&] {
      refused_if_dead([&] { vcpu_mutex.unlock(t, v); });
    });
    vcpu_load(k, v, flush_by_vcpu, v);
    loaded();
    vcpu_put(k);
    vcpu_mutex.unlock(t, v);
  });
}

// The scan for a vCPU to yield to, on the pCPU of the vCPU that spins: one candidate.
void VcpuAssociation::kvm_vcpu_on_spin(Task& k, const Expr& v) {
  auto& t = k.t;
  const Variable candidate = t.scratch("candidate", dsl::index(vcpu), 0);
  t.function("kvm_vcpu_on_spin", [&] {
    t.one_of({[&] {
                t.step("a candidate").some(vcpu, "other", [&](dsl::StepWords& step, const Expr& other) {
                  step.when(other != v && initialised[other]).set(candidate, other);
                });
                tdx_protected_apic_has_interrupt(k, candidate);
                t.let(candidate, 0);
              },
              [&] { t.step("does not spin"); }});
  });
}

// v19, at teardown.
void VcpuAssociation::kvm_unload_vcpu_mmus(Task& k) {
  k.t.function("kvm_unload_vcpu_mmus", [&] {
    k.t.for_each(vcpu, "unloading", [&](const Expr& v) {
      when(in_vcpu_array[v]).then([&] {
        vcpu_load(k, v, flush_by_destroyer, {});
        vcpu_put(k);
      });
    });
  });
}

void VcpuAssociation::kvm_destroy_vcpus(Task& k) {
  k.t.function("kvm_destroy_vcpus", [&] {
    k.t.for_each(vcpu, "destroying", [&](const Expr& v) {
      when(in_vcpu_array[v]).then([&] {
        tdx_vcpu_free(k, v, flush_by_destroyer, {});
        auto step = k.t.step("kmem_cache_free(vcpu)");
        list.free(step, v);
      });
    });
  });
}

// ---- arch/x86/kvm/vmx/tdx.c ----

// Held while a TD is being built; 6.16 has no such thing.
void VcpuAssociation::tdx_acquire_vm_state_locks(Thread& t, const dsl::Body& acquired) {
  kvm_lock.lock(t);
  when(creation_in_flight()).then([&] { kvm_lock.unlock(t); }).otherwise([&] {
    vcpu_mutex.lock_all(t);
    when(build_holds_cpus).then([&] { hotplugging.cpus_read_lock(t); });
    // Both callers ask for the HKID; without KVM_TDX_TERMINATE_VM it is there.
    when(terminates()).then([&] { when(hkid_assigned).then(acquired); }).otherwise(acquired);
    when(build_holds_cpus).then([&] { hotplugging.cpus_read_unlock(t); });
    vcpu_mutex.unlock_all(t);
    kvm_lock.unlock(t);
  });
}

// KVM_TDX_INIT_VCPU. TDH.VP.INIT associates; so does TDH.VP.WR, which sets up posted interrupts.
void VcpuAssociation::tdx_vcpu_init(Task& k, const Expr& v) {
  auto& t = k.t;
  const auto store_state = [&] {
    t.step("tdx->state = VCPU_TD_STATE_INITIALIZED").set(initialised[v], true);
  };
  const auto with_vcpu_loaded = [&] {
    k.on.pinned(t, [&] {
      when(init_stores_state == "first").then(store_state);
      on_this_cpu(k, [&] { td.vp_init(k.here(), v); });
      bug_unless_success(k, "TDH.VP.INIT failed");
    });
    when(init_preempted).then([&] { sched_out_and_in(k, v); });
    k.on.pinned(t, [&] {
      on_this_cpu(k, [&] { td.vp_wr(k.here(), v); });
      bug_unless_success(k, "TDH.VP.WR failed");
      when(init_stores_state == "last").then(store_state);
    });
  };
  t.function("tdx_vcpu_init", [&] {
    when(vm_state_locks)
        .then([&] {
          tdx_acquire_vm_state_locks(t, [&] {
            vcpu_load(k, v, flush_by_vcpu, v);
            with_vcpu_loaded();
            vcpu_put(k);
          });
        })
        .otherwise([&] { kvm_vcpu_ioctl(k, v, with_vcpu_loaded); });
  });
}

// KVM_TDX_FINALIZE_VM. User space is told of BUSY and tries again. It does not finalize a TD whose vCPUs are
// still being made; that it knows is asked under the locks here, so that it needs none of its own.
void VcpuAssociation::tdx_td_finalize(Task& k) {
  auto& t = k.t;
  const auto finalize = [&] {
    when(built() && !td.is_runnable()).then([&] {
      k.on.preempt_disable(t);
      k.on.pinned(t, [&] {
        on_this_cpu(k, [&] { td.mr_finalize(k.here()); });
        k.on.preempt_enable(t);
      });
      when(k.rax == "TDX_OPERAND_BUSY").then([&] { t.let(k.rax, "SUCCESS"); });
      bug_unless_success(k, "TDH.MR.FINALIZE failed");
    });
  };
  t.function("tdx_td_finalize", [&] {
    when(vm_state_locks).then([&] { tdx_acquire_vm_state_locks(t, finalize); }).otherwise([&] {
      kvm_lock.lock(t);
      finalize();
      kvm_lock.unlock(t);
    });
  });
}

// IRQs off. BUSY goes back to the run loop, an error to user space; neither is a bug of the kernel's.
void VcpuAssociation::tdx_vcpu_run(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    k.on.pinned(t, [&] {
      when(creation).then([&] { when(!(initialised[v] && td.is_runnable())).then([&] { t.return_(); }); });
      when(terminates()).then([&] {
        t.relying_on("KVM_REQ_VM_DEAD", "a dead VM's vCPUs are not entered",
                     [&] { when(vm_dead).then([&] { t.return_(); }); });
      });
      k.on.local_irq_disable(t);
      td.vp_enter(k.here(), v);
      when(k.rax == "TDX_SEAMCALL_UD")
          .then([&] {
            t.step("KVM_BUG_ON(!kvm_rebooting)")
                .asserts("no_kvm_bug", rebooting,
                         "KVM_BUG_ON: TDH.VP.ENTER is #UD although the machine does not reboot");
          })
          .otherwise([&] {
            t.check("enter_never_refused", k.rax == "SUCCESS",
                    "TDH.VP.ENTER answers neither TDX_OPERAND_BUSY nor TDX_VCPU_ASSOCIATED");
          });
      t.let(k.rax, "SUCCESS");
      k.on.local_irq_enable(t);
    });
  });
}

void VcpuAssociation::tdx_protected_apic_has_interrupt(Task& k, const Expr& v) {
  auto& t = k.t;
  t.function("tdx_protected_apic_has_interrupt", [&] {
    k.on.pinned(t, [&] {
      on_this_cpu(k, [&] { td.vp_rd(k.here(), v); });
      bug_unless_success(k, "TDH.VP.RD failed");
    });
  });
}

// The TDVPR page is reclaimed here where the HKID is released; that touches no list and is left out.
void VcpuAssociation::tdx_vcpu_free(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  auto& t = k.t;
  t.function("tdx_vcpu_free", [&] {
    when(free_unlinks == "not_yet_flushed").then([&] {
      when(is_some(vcpu_cpu[v])).then([&] {
        t.step("KVM_BUG_ON(tdx->state == VCPU_TD_STATE_INITIALIZED)")
            .asserts("no_kvm_bug", !initialised[v],
                     "KVM_BUG_ON: a vCPU in use was not flushed before it is freed");
        tdx_flush_vp_on_cpu(k, v, flush, sender);
      });
    });
    if (!sender.empty()) return; // in v19 the failed creation is not in question
    // tdx_disassociate_vp_on_cpu(): unlinks, without TDH.VP.FLUSH, which fails once the HKID is released.
    when(free_unlinks == "always").then([&] {
      const Variable old_cpu = t.scratch("old_cpu", dsl::optional_index(cpus.set), dsl::none());
      t.step("cpu = vcpu->cpu").set(old_cpu, vcpu_cpu[v]);
      when(is_some(old_cpu)).then([&] {
        t.step("arg.vcpu = vcpu").set(flushed_vcpu, v);
        cpus.call_single(t, disassociate, old_cpu);
        t.let(old_cpu, dsl::none());
      });
    });
  });
}

// As far as the association is concerned; hkid_release has the rest.
void VcpuAssociation::tdx_mmu_release_hkid(Task& k) {
  auto& t = k.t;
  t.function("tdx_mmu_release_hkid", [&] {
    when(!hkid_assigned).then([&] { t.return_(); });
    when(hotplug).then([&] { hotplugging.cpus_read_lock(t); });
    t.for_each(vcpu, "flushing", [&](const Expr& v) {
      when(in_vcpu_array[v]).then([&] { tdx_flush_vp_on_cpu(k, v, flush_by_destroyer, {}); });
    });
    k.on.preempt_disable(t);
    k.on.pinned(t, [&] {
      on_this_cpu(k, [&] { td.mng_vpflushdone(k.here(), td.vm()); });
      k.on.preempt_enable(t);
    });
    when(k.rax == "SUCCESS")
        .then([&] { t.step("TDH.PHYMEM.CACHE.WB, TDH.MNG.KEY.FREEID, hkid = -1").set(hkid_assigned, false); })
        .otherwise([&] {
          when(k.rax == "TDX_FLUSHVP_NOT_DONE").then([&] { t.let(k.rax, "SUCCESS"); });
          bug_unless_success(k, "TDH.MNG.VPFLUSHDONE failed, HKID leaked");
        });
    when(hotplug).then([&] { hotplugging.cpus_read_unlock(t); });
  });
}

// KVM_TDX_TERMINATE_VM, under kvm->lock.
void VcpuAssociation::tdx_terminate_vm(Task& k) {
  auto& t = k.t;
  const auto in_array = [&](const Expr& v) { return in_vcpu_array[v]; };
  t.function("tdx_terminate_vm", [&] {
    kvm_lock.lock(t);
    when(terminate_counts).then([&] {
      when(creation_in_flight()).then([&] {
        kvm_lock.unlock(t);
        t.return_();
      });
    });
    vcpu_mutex.trylock_all(
        t, in_array,
        [&] {
          t.relying_on("vm_dead", "KVM_TDX_TERMINATE_VM marks the VM dead while it holds every vCPU's mutex",
                       [&] { t.step("kvm->vm_dead = true").set(vm_dead, true); });
          when(!terminate_keeps_mutexes).then([&] { vcpu_mutex.unlock_all(t); });
          tdx_mmu_release_hkid(k);
          when(terminate_keeps_mutexes).then([&] { vcpu_mutex.unlock_all(t); });
        },
        [] {});
    kvm_lock.unlock(t);
  });
}

} // namespace tdxcheck::protocols
