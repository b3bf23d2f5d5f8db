// SPDX-License-Identifier: GPL-2.0-or-later

// sept_zap: what a vCPU does outside the guest. It enters, and it resolves its faults. The essay is at the
// head of sept_zap.cpp.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::kept;
using dsl::Variable;
using dsl::when;

// mmu_lock held for read. While the SPTE is frozen everybody else retries.
void SeptZap::kvm_tdp_mmu_map(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  t.function("kvm_tdp_mmu_map", [&] {
    t.let(retry, false);
    mmu_lock.read_lock(t);
    t.one_of({[&] { t.step("KVM_REQ_VM_DEAD: -EIO").when(vm_dead); },
              [&] { t.step("the SPTE is present: spurious").when(!vm_dead && mirror[gfn] == "PRESENT"); },
              [&] {
                t.step("the SPTE is frozen: RET_PF_RETRY").when(!vm_dead && mirror[gfn] == "FROZEN");
                t.let(retry, true);
              },
              [&] {
                t.step("try_cmpxchg64(sptep, FROZEN_SPTE)")
                    .when(!vm_dead && mirror[gfn] == "NONPRESENT")
                    .set(mirror[gfn], "FROZEN");
                tdx_sept_set_private_spte(k, gfn);
              }});
    mmu_lock.read_unlock(t);
  });
}

void SeptZap::tdx_sept_set_private_spte(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  const Variable was_busy = t.scratch("was_busy", dsl::boolean(), false);
  t.function("tdx_sept_set_private_spte", [&] {
    under_spinlock(k, was_busy, [&] { td.mem_page_aug(k, td.leaf(gfn)); });
    when(k.rax == "SUCCESS")
        .then([&] { t.step("the SPTE is published").set(mirror[gfn], "PRESENT"); })
        .otherwise([&] {
          when(k.rax == "TDX_OPERAND_BUSY")
              .then([&] {
                t.step("the SPTE is rolled back: RET_PF_RETRY").set(mirror[gfn], "NONPRESENT");
                t.let(retry, true);
                t.let(was_busy, spinlock == "after_busy");
              })
              .otherwise([&] {
                t.step("KVM_BUG_ON(TDH.MEM.PAGE.AUG)")
                    .set(mirror[gfn], "NONPRESENT")
                    .set(vm_dead, true)
                    .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.MEM.PAGE.AUG failed");
              });
          t.let(k.rax, "SUCCESS");
          t.let(*k.operand, "none");
        });
  });
}

// ---- tdx.c, x86.c: faults and entry ----

void SeptZap::tdx_handle_ept_violation(Task& k, const Expr& gfn) {
  auto& t = k.t;
  const Variable retry = t.scratch("retry", dsl::boolean(), false);
  const Variable kick_first = t.scratch("kick_first", dsl::boolean(), false);
  t.function("tdx_handle_ept_violation", [&] {
    t.region("fault", [&] {
      when(on_zero_step == "tell_fault_handler").then([&] {
        when(kick_first).then([&] {
          t.let(kick_first, false);
          kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE");
        });
      });
      t.loop("fault").try_and_retry_while(retry, choose(fault_loop, dsl::unlimited, 0),
                                          [&] { kvm_tdp_mmu_map(k, gfn); });
      t.let(retry, false);
      t.let(t.scratch("was_busy", dsl::boolean(), false), false);
    });
  });
}

// v19: the handler of the request spins, IRQs on, until TRACK is through.
void SeptZap::tdx_flush_tlb(Task& k) {
  auto& t = k.t;
  t.function("tdx_flush_tlb", [&] {
    t.one_of({[&] { t.step("no KVM_REQ_TLB_FLUSH").when(!flush_request[t.self()]); },
              [&] {
                t.step("kvm_check_request(KVM_REQ_TLB_FLUSH)")
                    .when(flush_request[t.self()])
                    .set(flush_request[t.self()], false);
                t.step("while (atomic_read(&tdh_mem_track))")
                    .when(!tracking)
                    .waits_for("zapper", "tdx_track() to end");
              }});
  });
}

void SeptZap::vcpu_enter_guest(Task& k) {
  auto& t = k.t;
  const Expr self = t.self();
  const Expr refused = k.rax == "TDX_OPERAND_BUSY";
  const Expr exit_request = kick.asked_to_exit(self) || no_entry[self] || flush_request[self];
  t.function("vcpu_enter_guest", [&] {
    when(track_protocol == "v19").then([&] { tdx_flush_tlb(k); });
    // With KVM_REQ_VM_DEAD pending it is over; and user space may stop at any time.
    t.relying_on("mode_before_flag", "vcpu->mode is stored before flags and requests are read", [&] {
      t.may_stop_here();
      kick.enter_guest_mode(t, [&](auto& step) { step.when(!vm_dead); });
    });
    t.forever([&] {
      // Without any of these, an entry that an IPI is on its way to stop leaves the guest at once.
      when(fastpath == "reenter" || keep_out == "request" || track_protocol == "v19").then([&] {
        t.relying_on("exit_request_check", "kvm_vcpu_exit_request() before each entry", [&] {
          t.one_of({[&] {
                      t.step("kvm_vcpu_exit_request()").when(exit_request);
                      t.let(k.rax, "SUCCESS");
                      t.leave_loop();
                    },
                    [&] { t.step("no kvm_vcpu_exit_request()").when(!exit_request); }});
        });
      });
      tdx_vcpu_run(k);
      when(!(fastpath == "reenter" && refused)).then([&] { t.leave_loop(); });
    });
    kick.leave_guest_mode(t);
    const Variable waits = t.scratch("waits_for_tree", dsl::boolean(), false);
    waits_for_tree = waits.id();
    t.let(waits, watches_entries && refused && (waits || *k.operand == "SEPT_TREE"));
    when(refused && *k.operand == "SEPT_TREE").then([&] {
      when(on_zero_step == "write_lock").then([&] {
        mmu_lock.write_lock(t);
        mmu_lock.write_unlock(t);
      });
      when(on_zero_step == "kick").then([&] { kick.make_all_cpus_request(t, "KVM_REQ_OUTSIDE_GUEST_MODE"); });
      t.let(t.scratch("kick_first", dsl::boolean(), false), on_zero_step == "tell_fault_handler");
    });
  });
}

void SeptZap::tdx_vcpu_run(Task& k) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    when(keep_out == "flag").then([&] {
      t.relying_on("wait_for_sept_zap", "", [&] {
        t.one_of({[&] {
                    t.step("wait_for_sept_zap: EXIT_FASTPATH_EXIT_HANDLED").when(wait_for_sept_zap);
                    t.let(k.rax, "TDX_OPERAND_BUSY");
                    t.return_();
                  },
                  [&] { t.step("!wait_for_sept_zap").when(!wait_for_sept_zap); }});
      });
    });
    when(!kept("mode_before_flag")).then([&] {
      t.may_stop_here();
      kick.enter_guest_mode(t, [&](auto& step) { step.when(!vm_dead); });
    });
    td.vp_enter(
        k, t.self(), [&](Guest& g) { guest(k, g); },
        t.scratch("exit_gfn", dsl::optional_index(gfns), dsl::none()));
  });
}

// Until the TD is finalized. An error is KVM_BUG_ON, BUSY or not.
void SeptZap::tdx_td_vcpu_init(Task& k) {
  auto& t = k.t;
  t.function("tdx_td_vcpu_init", [&] {
    const Expr locks = creates_vcpus == "under_mmu_lock";
    when(locks).then([&] { mmu_lock.write_lock(t); });
    td.vp_init(k, t.self());
    when(k.rax != "SUCCESS").then([&] {
      t.step("KVM_BUG_ON(TDH.VP.INIT)")
          .set(vm_dead, true)
          .asserts("no_kvm_bug", false, "KVM_BUG_ON: TDH.VP.INIT failed");
      t.let(k.rax, "SUCCESS");
      t.let(*k.operand, "none");
    });
    when(locks).then([&] { mmu_lock.write_unlock(t); });
  });
}

} // namespace tdxcheck::protocols
