// SPDX-License-Identifier: GPL-2.0-or-later

// Which pCPU owns a vCPU, as three parties see it: KVM in vcpu->cpu, KVM again in the per-pCPU lists
// associated_tdvcpus, and the TDX module, for which TDH.VP.INIT, ENTER, RD and WR associate a vCPU with the
// pCPU that executes them and TDH.VP.FLUSH there alone ends it. A vCPU that is loaded elsewhere is flushed by
// IPI from its old pCPU; a pCPU that leaves VMX operation flushes whatever is in its list.
//
// THE QUESTION. The lists have no lock: each is touched by its own pCPU alone, with IRQs off. vcpu->cpu is
// read and written by several. Does that hold when vCPUs migrate crosswise, when a pCPU goes offline or the
// machine reboots in between (also between list_add() and the store of vcpu->cpu), when a vCPU's creation
// fails half-way, and when the HKID goes while ioctls are under way? And is TDH.VP.FLUSH right not to be
// retried?
//
// SOURCES. Linux 6.16 to 6.19, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_load, tdx_flush_vp_on_cpu, tdx_flush_vp,
// tdx_disassociate_vp, tdx_disable_virtualization_cpu, tdx_vcpu_free (early return until October 2025,
// changed by 1e3a825c9ec9), tdx_vcpu_run, tdx_handle_exit, tdx_acquire_vm_state_locks (15945e9ec195). "[PATCH
// v19 087/130] KVM: TDX: handle vcpu migration over logical processor" and the thread of April 2024 for the
// old form. Paolo Bonzini, September 2024, and Yan Zhao, 2024-11-04, on local_lock. "KVM: x86: Don't load/put
// vCPU when unloading its MMU during teardown" (February 2025). The KVM_TDX_TERMINATE_VM series (April to
// July 2025, v5). The module's side is in protocols/module/, CPU hotplug in protocols/parts/cpuhp.h. Generic
// KVM (kvm_vcpu_ioctl, kvm_vm_ioctl_create_vcpu, kvm_arch_vcpu_load, what of it is preemptible) is from
// general knowledge; a finding that rests on it alone says so.
//
// WHAT IS A STEP. list_add() and list_del() are three stores each, behind the checks of CONFIG_LIST_HARDENED:
// what fails them is reported and skipped, as there (associated_list.h). Memory is sequentially consistent
// but for the poison that list_del() leaves, which may become visible late in landed_late_stores
// (parts/store_buffer.h). smp_rmb() in tdx_vcpu_load() is not a named guard, because dropping it changes
// nothing: no load of list_add() can be satisfied early with another value, and no store of it overtakes the
// load of vcpu->cpu. A vCPU structure that was freed may be allocated again, zeroed, while a list still leads
// to it.
//
// THREADS
//   vcpu[v]         a user thread that owns vCPU v: creates it, for ever while that fails; KVM_TDX_INIT_VCPU
//                   once, KVM_TDX_FINALIZE_VM once in all; KVM_RUN for ever, each on whatever pCPU the
//                   scheduler gives it; close once. It may stop anywhere between two ioctls. What is created
//                   only before the TD is finalized runs only after that.
//   T0              KVM_TDX_TERMINATE_VM once, where asked for; destroys the VM once, when all threads have
//                   closed.
//   hotplug         takes the last pCPU offline and back, for ever; its steps on that pCPU are cpuhp/N's.
//   reboot          kvm_shutdown, once.
//   ipi[c]          handlers on pCPU c, for ever.
//   store_buffer[c] makes a late store visible, for ever.
// No preset has hotplug and reboot at once: the kernel disables CPU hotplug before it calls kvm_shutdown.
//
// LEFT OUT. Whatever hkid_release has: tdx_lock, CACHE.WB, KEY.FREEID (one step here), PAGE.RECLAIM, several
// VMs. The posted-interrupt part of load and put. Preemption inside an ioctl, which puts the vCPU and loads
// it again, apart from KVM_TDX_INIT_VCPU (init_preempted): for the others it is the same as to leave and come
// back. KVM_BUG_ON(cpu != raw_smp_processor_id()) in tdx_vcpu_load, which a pinned thread cannot fail.
// slots_lock. The mutexes of all vCPUs are taken in one step (vcpu_mutexes.h). TDH.VP.CREATE and ADDCX. User
// space does not finalize a TD whose vCPUs are not initialised, which would be KVM_BUG_ON by its own doing.
// stop_machine in the end of a pCPU: an IPI may find it offline although the sender has preemption off, which
// the kernel does not allow; that is more than can happen.
//
// That a vCPU is associated with one pCPU at most is no claim here, because the module's state (one owner,
// changed by compare-and-exchange) says so by itself.
//
// COST. The lists make few states of their own: in a run without corruption they follow from vcpu->cpu and
// the labels. What costs is TDH.VP.ENTER and FLUSH on two pCPUs against the hotplug thread.

#include "protocols/vcpu_association/vcpu_association.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

VcpuAssociation::VcpuAssociation()
    : Protocol(
          "vcpu_association",
          "Association of vCPUs with pCPUs: load, flush by IPI on migration, CPU offline, creation, end"),
      vcpus(integer_parameter("vcpus", 2, 1, 4, "vCPUs of the VM")),
      pcpus(integer_parameter("pcpus", 2, 1, 4, "pCPUs; the last one may go offline")),
      creation(bool_parameter("creation", true,
                              "vCPUs are created and initialised first; otherwise they are there already")),
      creation_fails(bool_parameter("creation_fails", true,
                                    "the creation of a vCPU may fail before and after it was loaded")),
      tried_again(bool_parameter("tried_again", true,
                                 "a creation that failed is tried again, and gets the same memory")),
      hotplug(bool_parameter("hotplug", true, "the last pCPU goes offline and comes back")),
      shutdown(bool_parameter("shutdown", false, "the machine reboots (kvm_shutdown)")),
      destroy(
          enum_parameter("destroy", {"vm_destroy", "terminate_vm", "never"},
                         "who releases the HKID: the destruction alone, or KVM_TDX_TERMINATE_VM before it")),
      load_checks_hkid(
          bool_parameter("load_checks_hkid", true, "tdx_vcpu_load() does nothing once the HKID is released")),
      free_unlinks(enum_parameter("free_unlinks", {"not_yet_flushed", "never", "always"},
                                  "tdx_vcpu_free() unlinks the vCPU if vcpu->cpu says that it is linked "
                                  "(1e3a825c9ec9); never (6.16); likewise, without TDH.VP.FLUSH (v19)")),
      unlink_checks_cpu(bool_parameter("unlink_checks_cpu", false,
                                       "that handler of v19 looks whether the vCPU is still this pCPU's")),
      unload_loads(bool_parameter("unload_loads", false,
                                  "kvm_unload_vcpu_mmus() loads and puts every vCPU at teardown")),
      flush_with_irqs_off(
          bool_parameter("flush_with_irqs_off", false, "tdx_vcpu_load() flushes with IRQs off")),
      list_lock(enum_parameter("list_lock", {"irqs_off", "local_lock"},
                               "what keeps a pCPU's list to itself: IRQs off, or local_lock_irqsave()")),
      late_cpu_store(
          bool_parameter("late_cpu_store", true,
                         "vcpu->cpu is set by kvm_arch_vcpu_load() after tdx_vcpu_load(), linked or not; "
                         "otherwise where the vCPU is linked, with IRQs off")),
      terminate_keeps_mutexes(bool_parameter("terminate_keeps_mutexes", false,
                                             "KVM_TDX_TERMINATE_VM keeps the vCPUs' mutexes until the HKID "
                                             "is released; otherwise until the VM is dead")),
      terminate_counts(bool_parameter("terminate_counts", false,
                                      "KVM_TDX_TERMINATE_VM is refused while a vCPU is being created")),
      create_asks_again(bool_parameter("create_asks_again", false,
                                       "KVM_CREATE_VCPU asks for vm_dead again under kvm->lock")),
      vm_dead_check(enum_parameter("vm_dead_check", {"before_mutex", "under_mutex"},
                                   "when an ioctl on a vCPU asks whether the VM is dead")),
      vm_state_locks(bool_parameter("vm_state_locks", true,
                                    "KVM_TDX_INIT_VCPU and KVM_TDX_FINALIZE_VM hold kvm->lock and every "
                                    "vcpu->mutex, and are refused while a vCPU is being created")),
      init_preempted(bool_parameter("init_preempted", false,
                                    "KVM_TDX_INIT_VCPU is preempted after TDH.VP.INIT and may continue on "
                                    "another pCPU")),
      init_stores_state(enum_parameter("init_stores_state", {"last", "first"},
                                       "when KVM_TDX_INIT_VCPU stores VCPU_TD_STATE_INITIALIZED: after "
                                       "TDH.VP.INIT and TDH.VP.WR, or before them")),
      build_holds_cpus(bool_parameter("build_holds_cpus", false,
                                      "KVM_TDX_INIT_VCPU and KVM_TDX_FINALIZE_VM hold cpus_read_lock, too")),
      others_read(bool_parameter("others_read", false,
                                 "a vCPU that spins reads a field of the other vCPUs by TDH.VP.RD")),
      delayed_stores(bool_parameter("delayed_stores", false,
                                    "the store that poisons an unlinked entry may become visible late")),
      vcpu(index_set("vcpu", vcpus)),
      cpus(*this, pcpus),
      hotplugging(*this, cpus, 1,
                  {.name = "cpu_hotplug_lock", .doc = "cpus_read_lock(), cpus_write_lock()", .rank = 15}),
      system(*this, {.module = module_parameter(*this, "1.5.20"),
                     .cpus = cpus.set,
                     .may_leave_vmx = shutdown || hotplug}),
      td(*this, system, td_spec()),
      list(*this, cpus, vcpu, !creation, delayed_stores),
      kvm_lock(*this, {.name = "kvm->lock", .rank = 5}),
      local_lock(*this, {.name = "associated_tdvcpus.lock",
                         .doc = "local_lock_t: an rt_mutex where CONFIG_PREEMPT_RT is set",
                         .per = {cpus.set}}),
      vcpu_mutex(*this, vcpu, creation || destroy == "terminate_vm"),
      vcpu_cpu(variable("vcpu->cpu", vcpu, dsl::optional_index(cpus.set), dsl::none(),
                        "where KVM believes the vCPU to be associated")),
      initialised(variable("vcpu_initialized", vcpu, dsl::boolean(), !creation,
                           "tdx->state == VCPU_TD_STATE_INITIALIZED")),
      in_vcpu_array(
          variable("in_vcpu_array", vcpu, dsl::boolean(), !creation, "kvm_for_each_vcpu() finds it")),
      in_creation(variable("in_creation", vcpu, dsl::boolean(), false,
                           "counted in kvm->created_vcpus, not yet in kvm->online_vcpus")),
      thread_gone(variable("fd_closed", vcpu, dsl::boolean(), false,
                           "the vCPU's thread holds no reference to the VM any more")),
      hkid_assigned(variable("hkid_assigned", dsl::boolean(), true, "kvm_tdx->hkid > 0")),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead")),
      rebooting(variable("kvm_rebooting", dsl::boolean(), false)),
      destroyed(variable("vm_destroyed", dsl::boolean(), false, "kvm_destroy_vm() has returned")),
      flushed_vcpu(variable("flushed_vcpu", dsl::index(vcpu), 0, "argument of T0's calls")),
      flush_by_vcpu{{}, variable("flush_error", vcpu, dsl::boolean(), false)},
      flush_by_destroyer{{}, variable("flush_error(T0)", dsl::boolean(), false)} {}

// TDR is taken exclusive by VP.INIT, MR.FINALIZE and VPFLUSHDONE. Memory is not in question, nor CACHE.WB.
TdSpec VcpuAssociation::td_spec() const {
  TdSpec spec{.vcpus = vcpu, .callers = vcpus + pcpus + 2};
  spec.modelled.tdr = creation || destroy == "terminate_vm";
  spec.modelled.kot = spec.modelled.sept_tree = spec.modelled.sept_entry = spec.modelled.tlb_tracking = false;
  spec.op_state = choose(creation, op_state("INITIALIZED"), op_state("RUNNABLE"));
  spec.vcpu_state = choose(creation, vcpu_state("UNINITIALIZED"), vcpu_state("READY"));
  return spec;
}

// ---- load ----

// Preemption is off on the pCPU, IRQs are on.
void VcpuAssociation::tdx_vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  auto& t = k.t;
  const Expr cpu = k.on.cpu();
  t.function("tdx_vcpu_load", [&] {
    when(vcpu_cpu[v] == cpu).then([&] { t.return_(); });
    // Where nobody loads a vCPU after the release the answer is known.
    when(load_checks_hkid && (terminates() || unload_loads)).then([&] {
      when(!hkid_assigned).then([&] { t.return_(); });
    });
    when(flush_with_irqs_off).then([&] { k.on.local_irq_disable(t); });
    t.relying_on("flush_on_migration", "the vCPU is flushed from the pCPU that it leaves",
                 [&] { tdx_flush_vp_on_cpu(k, v, flush, sender); });
    const std::string off = "irqs_off_list_add", why = "IRQs are off while the vCPU is linked";
    when(!flush_with_irqs_off).then([&] { t.relying_on(off, why, [&] { k.on.local_irq_disable(t); }); });
    when(list_lock == "local_lock").then([&] { local_lock.of(cpu).lock(t); });
    list.list_add(t, v, cpu);
    when(list_lock == "local_lock").then([&] { local_lock.of(cpu).unlock(t); });
    when(!late_cpu_store).then([&] { t.step("vcpu->cpu = cpu").set(vcpu_cpu[v], cpu); });
    when(flush_with_irqs_off).then([&] { k.on.local_irq_enable(t); }).otherwise([&] {
      t.relying_on(off, why, [&] { k.on.local_irq_enable(t); });
    });
  });
}

void VcpuAssociation::kvm_arch_vcpu_load(Task& k, const Expr& v, const FlushCall& flush, const Expr& sender) {
  k.t.function("kvm_arch_vcpu_load", [&] {
    k.t.operation("load", [&] {
      tdx_vcpu_load(k, v, flush, sender);
      when(late_cpu_store).then([&] { k.t.step("vcpu->cpu = cpu").set(vcpu_cpu[v], k.on.cpu()); });
    });
  });
}

// ---- flush ----

// Runs anywhere. The error of the handler is looked at when the call is complete.
void VcpuAssociation::tdx_flush_vp_on_cpu(Task& k, const Expr& v, const FlushCall& flush,
                                          const Expr& sender) {
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
          .set(failed, false)
          .set(vm_dead, true)
          .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.VP.FLUSH failed");
    });
  });
}

// On the pCPU where KVM believes the vCPU to be associated, IRQs off.
void VcpuAssociation::tdx_flush_vp(Thread& t, const Expr& v, const Expr& cpu, const Variable& rax,
                                   const Variable& failed) {
  t.function("tdx_flush_vp", [&] {
    t.relying_on("same_cpu_check", "the handler looks whether the vCPU is still this pCPU's",
                 [&] { when(vcpu_cpu[v] != cpu).then([&] { t.return_(); }); });
    const auto flush = [&] {
      t.relying_on("vp_flush", "the module is told that the vCPU leaves the pCPU", [&] {
        td.vp_flush({t, rax, cpu}, v);
      });
      when(rax != "SUCCESS" && rax != "TDX_VCPU_NOT_ASSOCIATED").then([&] {
        t.step("arg.err = err").set(failed, true);
      });
      t.let(rax, "SUCCESS");
    };
    when(creation).then([&] { when(initialised[v]).then(flush); }).otherwise(flush);
    tdx_disassociate_vp(t, v, cpu);
  });
}

// IRQs off on the pCPU that owns the list.
void VcpuAssociation::tdx_disassociate_vp(Thread& t, const Expr& v, const Expr& cpu) {
  t.function("tdx_disassociate_vp", [&] {
    when(list_lock == "local_lock").then([&] { local_lock.of(cpu).lock(t); });
    list.list_del(t, v, cpu);
    when(list_lock == "local_lock").then([&] { local_lock.of(cpu).unlock(t); });
    t.relying_on("smp_wmb", "who sees vcpu->cpu == -1 sees the vCPU unlinked, too",
                 [&] { list.poison.drain(t, cpu); });
    t.step("vcpu->cpu = -1").set(vcpu_cpu[v], dsl::none());
  });
}

// IRQs off: kvm_shutdown's IPI, or the CPU hotplug callback. Every vCPU in this pCPU's list.
void VcpuAssociation::tdx_disable_virtualization_cpu(Thread& t, const Expr& cpu, const Variable& rax) {
  t.function("tdx_disable_virtualization_cpu", [&] {
    t.relying_on("flush_at_disable", "the vCPUs of a pCPU are flushed before it leaves VMX operation", [&] {
      const Variable failed = t.scratch("ignored_error", dsl::boolean(), false);
      list.for_each_entry_safe(t, cpu, [&](const Expr& v) { tdx_flush_vp(t, v, cpu, rax, failed); });
      t.let(failed, false);
    });
  });
}

void VcpuAssociation::csd_unlock(Thread& t, const Expr& cpu) {
  list.poison.drain(t, cpu, "csd_unlock(): smp_store_release()");
}

} // namespace tdxcheck::protocols
