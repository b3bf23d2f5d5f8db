// SPDX-License-Identifier: GPL-2.0-or-later

// Deleting a memslot while vCPUs fault on it. KVM_SET_USER_MEMORY_REGION makes memslots active in which the
// slot is marked KVM_MEMSLOT_INVALID, waits in synchronize_srcu() for those who still read the old ones, zaps
// the slot's pages under mmu_lock, makes memslots active without the slot, waits again and frees it. A fault
// looks its slot up under kvm->srcu; on an INVALID slot it answers RET_PF_RETRY, so that nothing is mapped,
// no MMIO SPTE either, before the zap.
//
// THE QUESTION. Who repeats the fault, and does he hold kvm->srcu meanwhile? Until January 2025 each RETRY
// went back to the guest, which drops kvm->srcu. Since then (Linux 6.16) tdx_handle_ept_violation() repeats
// faults on private addresses in place, because six exits at the same instruction make the TDX module suspect
// zero-stepping. The retry reads the memslots for ever that synchronize_srcu() wants it to leave
// (`local_retry`, `breaks_on_invalid`). KVM_PRE_FAULT_MEMORY has such a loop, too (`prefault_answers`). A
// pending signal breaks both loops, but nobody promises one (`signals`). A dead VM must break them
// (`checks_vm_dead`): a SEAMCALL that failed surfaces as RETRY.
//
// SOURCES. Linux 6.16 and 6.18, arch/x86/kvm/vmx/tdx.c, tdx_handle_ept_violation; arch/x86/kvm/mmu/mmu.c of
// about 6.18, kvm_mmu_faultin_pfn, kvm_tdp_page_prefault; virt/kvm/kvm_main.c, kvm_set_memslot and
// kvm_swap_active_memslots (from general knowledge); Yan Zhao, "[PATCH 0/2] Introduce
// RET_PF_RETRY_INVALID_SLOT" and the series after it (May and August 2025, reported by Reinette Chatre);
// 2bc2694fe20b (TDX) and 3ccbf6f47098 (prefault), Linux 6.18.
//
// THREADS
//   vcpu[v]   a user thread: KVM_RUN and KVM_PRE_FAULT_MEMORY as the switches allow, for ever, or it stops
//   between
//             two of these. In the guest it touches a private page (gfn 0) or a shared page (gfn 1), both of
//             the slot in question, or exits for another reason.
//   memslots  deletes the slot, creates it again, and so on, `changes` times or fewer.
// A signal is a choice inside the loops that it breaks: it may never come (`signals` = may_come), or the loop
// may not go round for ever without one (comes).
//
// TDH.MEM.PAGE.AUG answers TDX_OPERAND_BUSY `busy` times at most: who keeps its locks busy for how long is
// what the sept protocols ask.
//
// mmu_lock is taken as KVM takes it, but decides nothing here: synchronize_srcu() has driven out every fault
// that could map before the zap begins. It keeps out those who do not read under kvm->srcu, which are left
// out; so it is not among the named guards.
//
// LEFT OUT. Other reasons for RETRY: invalidations by MMU notifiers and attribute changes
// (mmu_invalidate_seq), obsolete roots (mirror_root). Page tables above the leaf. guest_memfd and its
// references. The two copies of the slot that KVM keeps: they are freed together. slots_arch_lock, which is
// dropped before synchronize_srcu(). The part of KVM_RUN between its start and the first VM entry, which
// reads under kvm->srcu, too, but does not loop. Wrapping of the memslot generation (mirror_root). Barriers:
// memory is sequentially consistent.

#include "protocols/memslot_delete/memslot_delete.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;
using model::Fairness;

namespace {

dsl::Type slot_type() { return dsl::enumeration("memslot", {"NONE", "INVALID", "VALID"}); }
dsl::Type spte_type() { return dsl::enumeration("spte", {"NONPRESENT", "FROZEN", "PRESENT", "MMIO"}); }

} // namespace

MemslotDelete::MemslotDelete()
    : Protocol("memslot_delete", "Memslot deletion against faults and prefaults that retry under kvm->srcu"),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPUs of the VM")),
      changes(integer_parameter("changes", 3, 1, 4, "memslot changes: delete, create, delete, ...")),
      runs(bool_parameter("runs", true, "vCPU threads may issue KVM_RUN")),
      prefault(bool_parameter("prefault", false, "vCPU threads may issue KVM_PRE_FAULT_MEMORY")),
      aug_fails(bool_parameter("aug_fails", false,
                               "TDH.MEM.PAGE.AUG may fail for good; KVM_BUG_ON then makes the VM dead")),
      busy(integer_parameter("busy", 1, 0, 4, "how often TDH.MEM.PAGE.AUG answers TDX_OPERAND_BUSY in all")),
      signals(enum_parameter("signals", {"may_come", "comes"},
                             "whether a loop that goes round for ever is broken by a signal")),
      local_retry(bool_parameter(
          "local_retry", true, "a fault on a private address is retried inside tdx_handle_ept_violation()")),
      breaks_on_invalid(bool_parameter("breaks_on_invalid", true,
                                       "that loop is left when the slot is marked INVALID (2bc2694fe20b)")),
      prefault_answers(enum_parameter("prefault_answers", {"EAGAIN", "RETRY"},
                                      "what a prefault on an INVALID slot answers (EAGAIN: 3ccbf6f47098)")),
      checks_vm_dead(bool_parameter("checks_vm_dead", true, "the loops look for KVM_REQ_VM_DEAD")),
      vcpu(index_set("vcpu", vcpus)),
      gfn(index_set("gfn", 2)),
      slots_lock(*this, {.name = "slots_lock", .doc = "kvm->slots_lock", .rank = 10}),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 30}, vcpus, 1),
      srcu(*this,
           {.name = "kvm->srcu", .doc = "readers of the memslots", .rank = 20, .guard = "srcu_read_lock"},
           {{"vcpu", {vcpu}}}, {"memslots"}, "synchronize_srcu"),
      slot(variable("slot", slot_type(), "VALID", "the slot in the active memslots")),
      in_progress(variable("generation.in_progress", dsl::boolean(), false,
                           "KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS of the active memslots")),
      generation(variable("generation", dsl::bits(3), 0, "the active memslots' generation")),
      spte(variable("spte", gfn, spte_type(), "NONPRESENT")),
      mmio_generation(variable("mmio_generation", gfn, dsl::bits(3), 0, "generation in an MMIO SPTE")),
      busy_left(variable("busy_left", dsl::integer(0, busy), busy,
                         "answers of TDX_OPERAND_BUSY that may come yet")),
      vm_dead(variable("vm_dead", dsl::boolean(), false, "kvm->vm_dead; every vCPU has KVM_REQ_VM_DEAD")) {}

// ---- mmu.c, tdp_mmu.c ----

// One try. `retry` says whether it answered RET_PF_RETRY.
void MemslotDelete::kvm_tdp_mmu_page_fault(Fault& f) {
  auto& t = f.t;
  t.let(f.retry, false);
  t.function("kvm_tdp_mmu_page_fault", [&] {
    kvm_mmu_faultin_pfn(f);
    t.let(f.slot, "NONE");
  });
}

// What the slot is decides what happens under mmu_lock.
void MemslotDelete::kvm_mmu_faultin_pfn(Fault& f) {
  auto& t = f.t;
  t.function("kvm_mmu_faultin_pfn", [&] {
    t.step("fault->slot = kvm_vcpu_gfn_to_memslot()").set(f.slot, slot);
    when(f.slot == "INVALID").then([&] {
      if (f.prefetch) when(prefault_answers == "EAGAIN").then([&] { t.return_(); });
      t.relying_on("retry_on_invalid", "a fault on an INVALID slot maps nothing", [&] {
        t.let(f.retry, true);
        t.return_();
      });
    });
    when(f.slot == "NONE" && is_private(f.gfn)).then([&] { t.return_(); }); // KVM_EXIT_MEMORY_FAULT
    when(f.slot == "NONE")
        .then([&] {
          mmu_lock.read_lock(t);
          make_mmio_spte(f);
          mmu_lock.read_unlock(t);
        })
        .otherwise([&] {
          t.region("holds_memslot", [&] {
            mmu_lock.read_lock(t);
            kvm_tdp_mmu_map(f);
            mmu_lock.read_unlock(t);
          });
        });
  });
}

void MemslotDelete::kvm_tdp_mmu_map(Fault& f) {
  auto& t = f.t;
  const Variable old = spte[f.gfn];
  t.function("kvm_tdp_mmu_map", [&] {
    t.one_of({[&] { t.step("the SPTE is present: spurious").when(old == "PRESENT"); },
              [&] { t.step("the SPTE is frozen").when(old == "FROZEN").set(f.retry, true); },
              [&] {
                t.step("cmpxchg(sptep, FROZEN_SPTE)")
                    .when(is_private(f.gfn) && old == "NONPRESENT")
                    .set(old, "FROZEN");
                set_external_spte_present(f);
              },
              [&] {
                t.step("cmpxchg(sptep, new_spte)")
                    .when(!is_private(f.gfn) && (old == "NONPRESENT" || old == "MMIO"))
                    .set(old, "PRESENT");
              }});
  });
}

// TDH.MEM.PAGE.AUG, whose locks protocols/sept_* model; here it only answers.
void MemslotDelete::set_external_spte_present(Fault& f) {
  auto& t = f.t;
  const Variable entry = spte[f.gfn];
  t.function("set_external_spte_present", [&] {
    t.call("TDH.MEM.PAGE.AUG", model::Domain::module, [&] {
      t.one_of({[&] { t.step("the page is mapped").when(!vm_dead).set(entry, "PRESENT").answers("SUCCESS"); },
                [&] {
                  t.step("a lock is held elsewhere")
                      .when(busy_left > 0)
                      .set(busy_left, busy_left - 1)
                      .set(entry, "NONPRESENT")
                      .set(f.retry, true)
                      .answers("TDX_OPERAND_BUSY")
                      .fair(Fairness::none);
                },
                [&] {
                  t.step("the SEAMCALL fails: KVM_BUG_ON")
                      .when(aug_fails)
                      .set(entry, "NONPRESENT")
                      .set(f.retry, true)
                      .set(vm_dead, true)
                      .answers("TDX_OPERAND_INVALID");
                }});
    });
  });
}

// The generation is read when the SPTE is made, from whatever memslots are active then.
void MemslotDelete::make_mmio_spte(Fault& f) {
  auto& t = f.t;
  t.function("make_mmio_spte", [&] {
    t.one_of({[&] {
                t.step("the SPTE is present: spurious")
                    .when(spte[f.gfn] == "PRESENT")
                    .asserts("nothing_stays_mapped", slot != "NONE",
                             "a fault without memslot meets no page of the deleted slot");
              },
              [&] {
                t.step("install an MMIO SPTE")
                    .when(spte[f.gfn] != "PRESENT")
                    .set(spte[f.gfn], "MMIO")
                    .set(mmio_generation[f.gfn], generation);
              }});
  });
}

void MemslotDelete::kvm_arch_flush_shadow_memslot(Thread& t) {
  t.function("kvm_arch_flush_shadow_memslot", [&] {
    mmu_lock.write_lock(t);
    t.for_each(gfn, "zapped", [&](const Expr& g) {
      t.step("zap the page")
          .set_if(spte[g] == "PRESENT", spte[g], "NONPRESENT")
          .asserts("zap_sees_no_frozen", spte[g] != "FROZEN",
                   "a zap under mmu_lock for write meets no frozen SPTE");
    });
    mmu_lock.write_unlock(t);
  });
}

void MemslotDelete::break_on_signal(Thread& t, const std::string& text) {
  t.one_of({[&] { t.step("cond_resched()"); },
            [&] {
              t.step(text).when(signals == "may_come").fair(Fairness::none);
              t.leave_loop();
            },
            [&] {
              t.step(text).when(signals == "comes").fair(Fairness::strong);
              t.leave_loop();
            }});
}

// With kvm_vcpu_pre_fault_memory() and kvm_tdp_page_prefault(), whose loop it is.
void MemslotDelete::kvm_arch_vcpu_pre_fault_memory(Fault& f) {
  auto& t = f.t;
  t.function("kvm_vcpu_pre_fault_memory", [&] {
    srcu.read_lock(t);
    t.operation("prefault", [&] {
      t.loop("prefault").try_and_retry_while(f.retry, dsl::unlimited, [&] {
        break_on_signal(t, "a signal is pending: -EINTR");
        when(checks_vm_dead && aug_fails).then([&] { when(vm_dead).then([&] { t.leave_loop(); }); });
        kvm_tdp_mmu_page_fault(f);
      });
    });
    t.let(f.retry, false);
    srcu.read_unlock(t);
  });
}

// ---- tdx.c ----

// A break leaves `retry` as it is: the guest is entered again, or user space is, and the fault comes again.
void MemslotDelete::tdx_handle_ept_violation(Fault& f) {
  auto& t = f.t;
  t.function("tdx_handle_ept_violation", [&] {
    t.loop("fault").try_and_retry_while(f.retry && local_retry && is_private(f.gfn), dsl::unlimited, [&] {
      kvm_tdp_mmu_page_fault(f);
      when(f.retry && local_retry && is_private(f.gfn)).then([&] {
        break_on_signal(t, "an event or a signal is pending");
        when(checks_vm_dead && aug_fails).then([&] {
          when(vm_dead).then([&] {
            t.let(f.retry, false); // -EIO
            t.leave_loop();
          });
        });
        when(breaks_on_invalid).then([&] { when(slot == "INVALID").then([&] { t.leave_loop(); }); });
      });
    });
  });
}

// ---- x86.c ----

// Until the guest has had one access resolved, or exits for another reason. kvm->srcu is not held in the
// guest.
void MemslotDelete::vcpu_run(Fault& f) {
  auto& t = f.t;
  t.function("vcpu_run", [&] {
    t.operation("KVM_RUN", [&] {
      t.loop("vcpu_run").try_and_retry_while(f.retry, dsl::unlimited, [&] {
        t.let(f.retry, false);
        // vcpu_enter_guest() looks at requests before it looks at anything else.
        when(aug_fails).then([&] { when(vm_dead).then([&] { t.leave_loop(); }); });
        t.one_of(
            {[&] {
               t.step("exit: access to an MMIO SPTE of this generation: emulated")
                   .when(spte[f.gfn] == "MMIO" && mmio_generation[f.gfn] == generation)
                   .relies_on("in_progress", !in_progress, "while memslots change no MMIO SPTE is believed")
                   .asserts("mmio_is_current", slot == "NONE", "what is emulated as MMIO has no memslot");
               t.leave_loop();
             },
             [&] {
               t.step("exit: EPT violation").when(spte[f.gfn] != "PRESENT");
               srcu.read_lock(t);
               tdx_handle_ept_violation(f);
               srcu.read_unlock(t);
             },
             [&] {
               t.step("the page is there").when(spte[f.gfn] == "PRESENT");
               t.leave_loop();
             }});
      });
    });
  });
}

// ---- kvm_main.c ----

void MemslotDelete::kvm_swap_active_memslots(Thread& t, const std::string& state, const std::string& text) {
  t.function("kvm_swap_active_memslots", [&] {
    t.step("rcu_assign_pointer(kvm->memslots): " + text).set(slot, state.c_str()).set(in_progress, true);
    srcu.synchronize(t);
    t.step("slots->generation = gen + 1").set(generation, generation + 1).set(in_progress, false);
  });
}

void MemslotDelete::kvm_delete_memslot(Thread& t) {
  t.function("kvm_set_memslot", [&] {
    t.region("deleting", [&] {
      slots_lock.lock(t);
      t.relying_on("invalidate_memslot", "the slot is marked INVALID before its pages are zapped",
                   [&] { kvm_swap_active_memslots(t, "INVALID", "the slot is INVALID"); });
      kvm_arch_flush_shadow_memslot(t);
      kvm_swap_active_memslots(t, "NONE", "the slot is gone");
      t.step("kvm_free_memslot()")
          .asserts("no_use_after_free",
                   !dsl::exists(vcpu, "v", [&](const Expr& v) { return dsl::in_region("holds_memslot", v); }),
                   "nobody refers to the memslot that is freed")
          .asserts("nothing_stays_mapped",
                   dsl::for_all(gfn, "g",
                                [&](const Expr& g) { return spte[g] != "PRESENT" && spte[g] != "FROZEN"; }),
                   "no page of the deleted slot stays mapped");
      slots_lock.unlock(t);
    });
  });
}

void MemslotDelete::kvm_create_memslot(Thread& t) {
  t.function("kvm_set_memslot", [&] {
    slots_lock.lock(t);
    kvm_swap_active_memslots(t, "VALID", "the slot is there");
    slots_lock.unlock(t);
  });
}

} // namespace tdxcheck::protocols
