// SPDX-License-Identifier: GPL-2.0-or-later

// sept_install: arch/x86/kvm/vmx/tdx.c. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using dsl::Variable;
using dsl::when;

void SeptInstall::kvm_bug(Task& k, const std::string& text, Location where) {
  k.t.step(text, where).set(vm_dead, true).asserts("no_kvm_bug", false, text);
}

// The local loop. Which answers it takes for a reason to try again is `fault_loop`.
void SeptInstall::tdx_handle_ept_violation(Task& k) {
  auto& t = k.t;
  t.function("tdx_handle_ept_violation", [&] {
    t.loop("fault_retry").forever([&] {
      kvm_tdp_mmu_page_fault(k);
      const Expr frozen = k.ret == "RET_PF_RETRY_FROZEN";
      when(!frozen && k.ret != "RET_PF_RETRY").then([&] { t.leave_loop(); });
      when(fault_loop == "never" || (fault_loop == "frozen_only" && !frozen)).then([&] { t.leave_loop(); });
      interrupted_or_dead(k, loop_checks_vm_dead);
      when(k.ret == "-EINTR" || k.ret == "-EIO").then([&] { t.leave_loop(); });
    });
    // An event sends the vCPU back into the guest by way of vcpu_run(), which looks for signals itself.
    when(k.ret != "-EIO").then([&] { t.let(k.ret, "0"); });
  });
}

// Neither is waited for: what is pending is somebody else's choice, and it may never be.
void SeptInstall::interrupted_or_dead(Task& k, const Expr& looks_at_vm_dead) {
  auto& t = k.t;
  t.one_of({[&] {
              t.step("an event or a signal is pending").when(events).fair(model::Fairness::none);
              t.let(k.ret, "-EINTR");
            },
            [&] {
              t.step("KVM_REQ_VM_DEAD").when(looks_at_vm_dead && vm_dead);
              t.let(k.ret, "-EIO");
            },
            [&] {
              t.step("nothing is pending").when(!(looks_at_vm_dead && vm_dead));
              t.let(k.ret, "0");
            }});
}

// IRQs are off. A fault that the guest takes, or that the zero-step check tells of in its place, leaves its
// GFN in k.gfn.
void SeptInstall::tdx_vcpu_run(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  t.function("tdx_vcpu_run", [&] {
    const Expr waits = wait_for_sept_zap &&
                       dsl::kept("wait_flag", "no vCPU enters the guest while a zap repeats a SEAMCALL");
    t.one_of({[&] {
                t.step("KVM_REQ_VM_DEAD").when(vm_dead);
                t.let(guest.exit, "VM_DEAD");
                t.return_();
              },
              [&] {
                t.step("wait_for_sept_zap").when(!vm_dead && waits);
                come_back(k, guest);
                t.return_();
              },
              [&] { t.step("no request").when(!vm_dead && !waits); }});
    when(zero_step).then([&] {
      t.check("zero_step_not_suspected", dsl::count(td.suspects(t)) == 0,
              "no GPA is suspected of zero-stepping");
    });
    td.vp_enter(
        caller(k), t.self(), [&](Guest& inside) { guest_body(k, guest, inside); }, k.gfn);
    when(k.rax == "TDX_OPERAND_BUSY").then([&] { come_back(k, guest); });
    when(k.rax == "EXIT_EPT_VIOLATION").then([&] { t.let(guest.exit, "EPT_VIOLATION"); });
    t.let(k.rax, "SUCCESS");
    t.let(k.operand, "none");
  });
}

void SeptInstall::come_back(Task& k, const GuestRun& guest) {
  when(enter_busy == "reenter").then([&] { k.t.let(guest.exit, "REENTER_GUEST"); });
}

// One instruction. The IPI of a kick makes the guest exit before or after it: before, it is as if the vCPU
// had not been in the guest. A guest that goes on to other code leaves the RIP of its faults.
void SeptInstall::guest_body(Task& k, const GuestRun& guest, Guest& inside) {
  auto& t = k.t;
  const Variable status = t.scratch("guest_rax", status_type(), "SUCCESS");
  when(guest.accepts).then([&] { inside.tdg_mem_page_accept(td.leaf(guest.gfn), status); }).otherwise([&] {
    inside.access(guest.gfn, false);
  });
  t.let(status, "SUCCESS");
  t.let(guest.exit, "RETIRED");
  inside.exits("the guest goes on", true, !one_rip || guest.accepts, "SUCCESS", model::Fairness::weak);
}

// ---- hooks of the mirror page table ----

void SeptInstall::tdx_sept_link_private_spt(Task& k) {
  k.t.function("tdx_sept_link_private_spt", [&] {
    seamcall_sept(k, "TDH.MEM.SEPT.ADD", [&] { td.mem_sept_add(caller(k), table()); });
    fault_status(k, "TDH.MEM.SEPT.ADD");
  });
}

void SeptInstall::tdx_mem_page_aug(Task& k) {
  auto& t = k.t;
  t.function("tdx_mem_page_aug", [&] {
    when(page_owned_elsewhere && k.gfn == gfn.last())
        .then([&] {
          t.call("TDH.MEM.PAGE.AUG", model::Domain::module, [&] {
            t.step("the page is not free")
                .set(k.rax, "TDX_PAGE_METADATA_INCORRECT")
                .answers("TDX_PAGE_METADATA_INCORRECT|R8");
          });
        })
        .otherwise([&] {
          seamcall_sept(k, "TDH.MEM.PAGE.AUG", [&] { td.mem_page_aug(caller(k), td.leaf(k.gfn)); });
        });
    fault_status(k, "TDH.MEM.PAGE.AUG");
  });
}

// Which statuses are a reason to come back later. The exact test compares the operand, too.
Expr SeptInstall::is_busy(const Task& k) const {
  return k.rax == "TDX_OPERAND_BUSY" && (busy_test == "class" || k.operand == "SEPT_TREE");
}

void SeptInstall::fault_status(Task& k, const std::string& seamcall) {
  auto& t = k.t;
  when(k.rax == "SUCCESS").then([&] { t.let(k.ret, "0"); }).otherwise([&] {
    when(is_busy(k)).then([&] { t.let(k.ret, "-EBUSY"); }).otherwise([&] {
      kvm_bug(k, "KVM_BUG_ON: " + seamcall + " failed");
      t.let(k.ret, "-EIO");
    });
  });
  t.let(k.rax, "SUCCESS");
  t.let(k.operand, "none");
}

// Up to v19 and in September 2024 a wrapper repeats the call; the landed code makes one.
void SeptInstall::seamcall_sept(Task& k, const std::string& name, const dsl::Body& seamcall) {
  auto& t = k.t;
  const auto once = [&] {
    when(seamcall_spinlock).then([&] { seamcall_lock.lock(t); });
    seamcall();
    when(seamcall_spinlock).then([&] { seamcall_lock.unlock(t); });
  };
  t.function("seamcall_sept", [&] {
    once();
    t.loop("seamcall_sept").retry_while(is_busy(k), seamcall_retries, [&] {
      // A call that failed has left 0 in RCX and RDX, and the arguments are read back from there.
      when(args_lost_on_retry)
          .then([&] {
            t.call(name, model::Domain::module, [&] {
              t.step("RDX is 0, which is no TDR")
                  .set(k.rax, "TDX_PAGE_METADATA_INCORRECT")
                  .set(k.operand, "RDX")
                  .answers("TDX_PAGE_METADATA_INCORRECT|RDX");
            });
          })
          .otherwise(once);
    });
  });
}

// ---- zap ----

void SeptInstall::tdx_sept_remove_private_spte(Task& k) {
  auto& t = k.t;
  const auto without_vcpus = [&](const std::string& loop, const dsl::Body& seamcall) {
    seamcall();
    t.loop(loop).retry_while(k.rax == "TDX_OPERAND_BUSY", 1, [&] {
      tdx_no_vcpus_enter_start(k);
      seamcall();
      tdx_no_vcpus_enter_stop(k);
    });
    when(k.rax != "SUCCESS").then([&] {
      kvm_bug(k, "KVM_BUG_ON: the page cannot be removed");
      t.let(k.rax, "SUCCESS");
      t.return_();
    });
  };
  t.function("tdx_sept_remove_private_spte", [&] {
    without_vcpus("block", [&] { td.mem_range_block(caller(k), td.leaf(k.gfn)); });
    without_vcpus("remove", [&] { td.mem_page_remove(caller(k), td.leaf(k.gfn)); });
  });
}

void SeptInstall::tdx_no_vcpus_enter_start(Task& k) {
  k.t.step("wait_for_sept_zap = true").set(wait_for_sept_zap, true);
  kick.make_all_cpus_request(k.t, "KVM_REQ_OUTSIDE_GUEST_MODE");
}

void SeptInstall::tdx_no_vcpus_enter_stop(Task& k) {
  k.t.step("wait_for_sept_zap = false").set(wait_for_sept_zap, false);
}

} // namespace tdxcheck::protocols
