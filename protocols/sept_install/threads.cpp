// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of sept_install. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

SeptInstall::Task SeptInstall::task(Thread& t) {
  return {.t = t,
          .gfn = t.local("gfn", dsl::index(gfn), 0),
          .rax = status_register(t),
          .operand = t.local("operand", operand_type(), "none"),
          .ret = t.local("ret",
                         dsl::enumeration("ret", {"0", "RET_PF_RETRY", "RET_PF_RETRY_FROZEN",
                                                  "RET_PF_SPURIOUS", "-EBUSY", "-EIO", "-EINTR"}),
                         "0")};
}

// One way into the guest and out. IRQs are off in between.
void SeptInstall::vcpu_enter_guest(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  t.function("vcpu_enter_guest", [&] {
    kick.enter_guest_mode(t);
    t.loop("reenter").forever([&] {
      tdx_vcpu_run(k, guest);
      when(guest.exit != "REENTER_GUEST").then([&] { t.leave_loop(); });
      when(kick.asked_to_exit(t.self())).then([&] {
        t.let(guest.exit, "EXIT_HANDLED");
        t.leave_loop();
      });
    });
    kick.leave_guest_mode(t);
  });
}

// The guest has one instruction to execute; the ioctl goes on until it is done, or a signal or the death of
// the VM ends it.
void SeptInstall::kvm_vcpu_ioctl_run(Task& k, const GuestRun& guest) {
  auto& t = k.t;
  t.function("vcpu_run", [&] {
    t.operation("fault", [&] {
      t.loop("vcpu_run").forever([&] {
        vcpu_enter_guest(k, guest);
        when(guest.exit == "RETIRED" || guest.exit == "VM_DEAD").then([&] { t.leave_loop(); });
        when(guest.exit == "EPT_VIOLATION").then([&] { tdx_handle_ept_violation(k); });
        t.let(guest.exit, "EXIT_HANDLED");
        t.let(k.gfn, 0);
        when(k.ret == "-EIO").then([&] { t.leave_loop(); });
        when(events).then([&] {
          t.one_of({[&] {
                      t.step("a signal is pending").fair(model::Fairness::none);
                      t.leave_loop();
                    },
                    [&] { t.step("no signal is pending"); }});
        });
      });
    });
  });
  t.let(guest.exit, "EXIT_HANDLED");
  t.let(k.ret, "0");
}

// KVM_PRE_FAULT_MEMORY: the loop of its own that the fault handler's was modelled on.
void SeptInstall::kvm_tdp_map_page(Task& k) {
  auto& t = k.t;
  t.function("kvm_tdp_map_page", [&] {
    t.operation("prefault", [&] {
      t.loop("prefault_retry").forever([&] {
        interrupted_or_dead(k, true);
        when(k.ret != "0").then([&] { t.leave_loop(); });
        kvm_tdp_mmu_page_fault(k);
        when(k.ret != "RET_PF_RETRY_FROZEN" && k.ret != "RET_PF_RETRY").then([&] { t.leave_loop(); });
        t.let(k.ret, "0");
      });
    });
  });
  t.let(k.ret, "0");
}

void SeptInstall::vcpu_thread(Thread& t) {
  Task k = task(t);
  const GuestRun guest{t.local("guest_gfn", dsl::index(gfn), 0), t.local("accepts", dsl::boolean(), false),
                       t.local("exit",
                               dsl::enumeration("exit", {"EXIT_HANDLED", "REENTER_GUEST", "EPT_VIOLATION",
                                                         "RETIRED", "VM_DEAD"}),
                               "EXIT_HANDLED")};
  const auto on_some_gfn = [&](const std::string& text, const Expr& possible, const Variable& target) {
    t.step(text).when(possible && !vm_dead).some(gfn, "g", [&](auto& step, const Expr& g) {
      step.set(target, g);
    });
  };
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.one_of(
                    {[&] { on_some_gfn("KVM_RUN: the guest will touch a page", guest_touches, guest.gfn); },
                     [&] {
                       on_some_gfn("KVM_RUN: the guest will accept a page", guest_accepts, guest.gfn);
                       t.let(guest.accepts, true);
                     }});
                kvm_vcpu_ioctl_run(k, guest);
              },
              [&] {
                on_some_gfn("KVM_PRE_FAULT_MEMORY", prefault, k.gfn);
                kvm_tdp_map_page(k);
              }});
    t.let(k.gfn, 0);
    t.let(guest.gfn, 0);
    t.let(guest.accepts, false);
  });
}

void SeptInstall::punching_thread(Thread& t) {
  Task k = task(t);
  when(zaps == "never").then([&] { t.end(); });
  // GFNs are alike, so that the only one ever taken away may be called the first.
  const Expr any = zaps == "for_ever";
  const auto punch = [&] {
    t.may_stop_here();
    t.step("fallocate(FALLOC_FL_PUNCH_HOLE)").when(!vm_dead).some(gfn, "g", [&](auto& step, const Expr& g) {
      step.when(any || g == gfn.member(0)).set(k.gfn, g);
    });
    t.operation("zap", [&] { kvm_gmem_punch_hole(k); });
    t.let(k.gfn, 0);
  };
  when(zaps == "for_ever").then([&] { t.forever(punch); });
  punch();
}

void SeptInstall::define() {
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: KVM_RUN and, where it is allowed, KVM_PRE_FAULT_MEMORY, for ever; or none of it");
  thread(
      "zapper", [this](Thread& t) { punching_thread(t); }, "takes a page away: never, once or for ever");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
