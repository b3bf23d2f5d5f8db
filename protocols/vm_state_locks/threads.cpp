// SPDX-License-Identifier: GPL-2.0-or-later

// The threads and the claims of vm_state_locks. The essay is at the head of vm_state_locks.cpp.

#include "properties/properties.h"
#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

void VmStateLocks::user_thread(Thread& t) {
  const Variable v = t.local("fd", dsl::index(vcpu), vcpu.member(0));
  const auto ioctl = [&](const std::string& name, const Expr& possible, const dsl::Body& body) {
    return [&t, this, name, possible, body] {
      t.step("ioctl(" + name + ")").when(possible && !vm_dead).fair(model::Fairness::none);
      t.operation(name, body);
    };
  };
  const auto vcpu_ioctl = [&](const std::string& name, const Expr& possible, const dsl::Body& body) {
    return [&t, this, v, name, possible, body] {
      t.step("ioctl(vcpu fd, " + name + ")")
          .when(possible && !vm_dead)
          .fair(model::Fairness::none)
          .some(vcpu, "any", [&](StepWords& step, const Expr& any) {
            step.when(contains(online_vcpus, any)).set(v, any);
          });
      t.operation(name, body);
    };
  };
  const Expr ready = finalizes_without_vcpus ||
                     dsl::exists(vcpu, "i", [&](const Expr& i) { return contains(initialized, i); });
  t.forever([&] {
    t.may_stop_here();
    t.one_of(
        {ioctl("KVM_CREATE_VCPU", true, [&] { kvm_vm_ioctl_create_vcpu(t, v); }),
         vcpu_ioctl("KVM_TDX_INIT_VCPU", true,
                    [&] { tdx_vcpu_unlocked_ioctl(t, v, false, [&] { tdx_vcpu_init(t, v); }); }),
         vcpu_ioctl("KVM_TDX_GET_CPUID", gets_cpuid, [&] { tdx_vcpu_ioctl(t, v); }),
         vcpu_ioctl("KVM_TDX_INIT_MEM_REGION", populates,
                    [&] { tdx_vcpu_unlocked_ioctl(t, v, true, [&] { tdx_vcpu_init_mem_region(t, v); }); }),
         ioctl("KVM_TDX_FINALIZE_VM", finalizes && ready, [&] { tdx_vm_ioctl(t); }),
         vcpu_ioctl("KVM_PRE_FAULT_MEMORY", prefaults,
                    [&] {
                      vcpu_mutex.of(v).lock(t);
                      kvm_arch_vcpu_pre_fault_memory(t);
                      vcpu_mutex.of(v).unlock(t);
                    }),
         vcpu_ioctl("KVM_RUN", runs, [&] { kvm_arch_vcpu_ioctl_run(t, v); })});
    t.let(v, vcpu.member(0));
  });
}

void VmStateLocks::define() {
  thread(
      "user", user, [this](Thread& t) { user_thread(t); },
      "a thread of a hostile process: any ioctl on any vCPU that has an fd, for ever, or none");
  claims();
  variants();
}

void VmStateLocks::claims() {
  using namespace properties;
  const auto every_vcpu = [&](const dsl::Predicate& holds) { return dsl::for_all(vcpu, "v", holds); };
  const auto some_user = [&](const std::string& region) {
    return dsl::exists(user, "u", [&](const Expr& u) { return in_region(region, u); });
  };

  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON: no ioctl makes another one's SEAMCALL fail");
  no_deadlock(*this);
  no_livelock(*this);
  // Of two threads: with a third there are twenty times as many states, and each operation of each thread is
  // looked at apart.
  claim("no_starvation", model::NoStarvation{}, "every ioctl ends", dsl::Location::current(), users <= 2);
  lock_discipline(*this);
  lock_order(*this);
  assertion(*this, "nothing_after_finalize",
            "no vCPU is made or initialised, no page added or measured in a TD that is finalized");
  assertion(*this, "no_vcpu_after_finalize", "no vCPU comes online after the TD was finalized");
  assertion(*this, "added_is_measured", "TDH.MR.EXTEND of a page that was added does not fail");
  assertion(*this, "finalize_not_busy", "nobody makes TDH.MR.FINALIZE BUSY");
  assertion(*this, "prefault_sees_runnable", "a prefault that is allowed finds the TD finalized");
  assertion(*this, "enter_succeeds", "no vCPU is entered that is not ready");
  always(*this, "prefault_implies_runnable", implies(pre_fault_allowed, is_finalized()),
         "pre_fault_allowed is never true before the TD's state is TD_STATE_RUNNABLE");
  always(*this, "state_is_the_modules", implies(is_finalized(), td.is_runnable()),
         "KVM takes no TD for finalized that the module does not");
  always(*this, "no_half_made_vcpu", implies(td.is_runnable(), every_vcpu([&](const Expr& v) {
                                               return td.vcpu_state[v] != "UNINITIALIZED";
                                             })),
         "no TD is finalized while a vCPU is between VP.CREATE and VP.INIT: it could never be used");
  const auto claim_if = [&](const Expr& when, const std::string& name, model::Claim what,
                            const std::string& doc) {
    claim(name, std::move(what), doc, dsl::Location::current(), when);
  };
  claim_if(finalizes, "can_be_finalized", model::Recoverable{(is_finalized() || vm_dead).tree()},
           "whatever user space did, the TD can still be finalized, unless the VM is dead");
  claim_if(finalizes && runs, "everybody_runs",
           model::Sometimes{every_vcpu([&](const Expr& v) { return td.is_active(v); }).tree()},
           "every vCPU is in the guest at the same time");
  claim_if(finalizes && populates && prefaults, "measured_and_prefaulted",
           model::Sometimes{(some_user("prefaulting") && td.leaf(page.member(0)).state == "MAPPED").tree()},
           "a prefault is let in, in a TD with a measured page");
  claim_if(locks != "v6_16" && creation_check, "told_ebusy", model::Sometimes{some_user("told_ebusy").tree()},
           "an ioctl meets a vCPU that is being created");
}

} // namespace tdxcheck::protocols
