// SPDX-License-Identifier: GPL-2.0-or-later

// sept_zap_rcu: what goes on meanwhile, and the threads. The essay is at the head of sept_zap_rcu.cpp.

#include "protocols/sept_zap_rcu/sept_zap_rcu.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

// The guest has one instruction to execute.
void SeptZapRcu::vcpu_run(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  t.function("vcpu_run", [&] {
    t.operation("fault", [&] {
      t.loop("vcpu_run").forever([&] {
        vcpu_enter_guest(k, guest);
        when(guest.exit == "EPT_VIOLATION").then([&] { tdx_handle_ept_violation(k, guest); });
        when(guest.exit != "EXIT_HANDLED").then([&] { t.leave_loop(); });
      });
    });
  });
}

void SeptZapRcu::vcpu_enter_guest(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  const auto run = [&](Guest& inside) {
    const Variable status = t.scratch("guest_rax", status_type(), "SUCCESS");
    when(guest.accepts).then([&] { inside.tdg_mem_page_accept(td.leaf(guest.gfn), status); }).otherwise([&] {
      inside.access(guest.gfn, true);
    });
    t.let(status, "SUCCESS");
    t.let(guest.exit, "LEAVES_KERNEL");
  };
  const Expr waits =
      wait_for_sept_zap && dsl::kept("wait_flag", "no vCPU enters the guest while a SEAMCALL is repeated");
  t.function("vcpu_enter_guest", [&] {
    kick.enter_guest_mode(t);
    t.one_of({[&] {
                t.step("KVM_REQ_VM_DEAD").when(vm_dead);
                t.let(guest.exit, "LEAVES_KERNEL");
              },
              [&] { t.step("wait_for_sept_zap").when(!vm_dead && waits); },
              [&] {
                t.step("no request").when(!vm_dead && !waits);
                td.vp_enter(caller(k), t.self(), run);
                when(k.rax == "EXIT_EPT_VIOLATION").then([&] { t.let(guest.exit, "EPT_VIOLATION"); });
                t.let(k.rax, "SUCCESS");
              }});
    kick.leave_guest_mode(t);
  });
}

// With the local loop: a fault that is BUSY is tried again. When it is handled the guest goes on, and what it
// does next is another instruction; where no memslot covers the page any more the access goes to user space.
void SeptZapRcu::tdx_handle_ept_violation(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  t.function("tdx_handle_ept_violation", [&] {
    t.let(guest.exit, "LEAVES_KERNEL");
    when(is_child(guest.gfn) && !slot_comes_back).then([&] { t.return_(); });
    t.loop("fault_retry").forever([&] {
      kvm_tdp_mmu_map(k, guest);
      when(k.rax != "TDX_OPERAND_BUSY").then([&] { t.leave_loop(); });
      t.let(k.rax, "SUCCESS");
      when(vm_dead).then([&] { t.leave_loop(); });
    });
  });
}

// A page elsewhere is faulted on by this vCPU alone, so that its SPTE needs no freezing; its page table is
// there. Below the branch a fault finds what the mirror says.
void SeptZapRcu::kvm_tdp_mmu_map(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  const auto install = [&](const dsl::Body& seamcall) {
    seamcall();
    t.check("faults_undisturbed", k.rax != "TDX_OPERAND_BUSY", "no fault is BUSY");
    when(k.rax != "SUCCESS" && k.rax != "TDX_OPERAND_BUSY").then([&] {
      kvm_bug(k, "KVM_BUG_ON: the S-EPT does not take the new entry");
      t.let(k.failed, false);
      t.let(k.rax, "SUCCESS");
    });
  };
  t.function("kvm_tdp_mmu_map", [&] {
    mmu_lock.read_lock(t);
    when(is_child(guest.gfn))
        .then([&] {
          read_spte(
              t, "SPTE of the branch", mirror_branch, [] {},
              [&] { install([&] { td.mem_sept_add(caller(k), branch()); }); }, [] {});
        })
        .otherwise([&] { install([&] { td.mem_page_aug(caller(k), td.leaf(guest.gfn)); }); });
    mmu_lock.read_unlock(t);
  });
}

// A walk under RCU alone.
void SeptZapRcu::walk_lockless(Task& k) {
  auto& t = k.t;
  t.function("walk_shadow_page_lockless", [&] {
    rcu.read_lock(t);
    when(is_shadow_present(mirror_branch)).then([&] {
      t.step("read an SPTE of the branch's page table")
          .asserts("no_use_after_free", !sp_freed, "the page table was not freed");
    });
    rcu.read_unlock(t);
  });
}

void SeptZapRcu::vcpu_thread(Thread& t) {
  Task k = task(t);
  const GuestRun guest{t.local("gfn", dsl::index(gfn), 0), t.local("accepts", dsl::boolean(), false),
                       t.local("exit",
                               dsl::enumeration("exit", {"EXIT_HANDLED", "EPT_VIOLATION", "LEAVES_KERNEL"}),
                               "EXIT_HANDLED")};
  const auto in_branch = [&](const std::string& text, const Expr& possible) {
    t.step(text).when(possible && !vm_dead).some(gfn, "g", [&](auto& step, const Expr& g) {
      step.when(is_child(g)).set(guest.gfn, g);
    });
  };
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.one_of({[&] {
                            // The page before is mapped and of no interest any more.
                            t.step("the guest will touch its next page elsewhere")
                                .when(faults_elsewhere && !vm_dead)
                                .set(guest.gfn, next_page(t))
                                .set(td.entry[next_page(t)], "FREE");
                          },
                          [&] { in_branch("the guest will touch a page of the branch", slot_comes_back); },
                          [&] {
                            in_branch("the guest will accept a page of the branch", guests_in_branch);
                            t.let(guest.accepts, true);
                          }});
                vcpu_run(k, guest);
              },
              [&] {
                t.step("a walk of the mirror, for whatever reason").when(lockless_walks);
                walk_lockless(k);
              }});
    t.let(guest.gfn, 0);
    t.let(guest.accepts, false);
    t.let(guest.exit, "EXIT_HANDLED");
  });
}

void SeptZapRcu::pruning_thread(Thread& t) {
  Task k = task(t);
  t.may_stop_here();
  t.step("the memslot is deleted");
  t.operation("prune", [&] { prune_branch(k); });
}

void SeptZapRcu::define() {
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: instructions of the guest, and walks of the mirror, for ever; or none of it");
  thread(
      "pruner", [this](Thread& t) { pruning_thread(t); }, "deletes the memslot, once");
  rcu.declare_callback(
      *this, "free_branch",
      [this](Thread& t) {
        Task k = task(t, true);
        free_branch(k);
      },
      "the RCU callback, or the workqueue behind it");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
