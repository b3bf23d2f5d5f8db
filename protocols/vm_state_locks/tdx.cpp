// SPDX-License-Identifier: GPL-2.0-or-later

// arch/x86/kvm/vmx/tdx.c, as far as vm_state_locks has it. The essay is at the head of vm_state_locks.cpp.

#include "protocols/vm_state_locks/vm_state_locks.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

// No lock is held. What is decided here is true only as long as nobody finalizes the TD.
void VmStateLocks::tdx_vcpu_create(Thread& t) {
  const Variable error = t.scratch("error", dsl::boolean(), false);
  t.function("tdx_vcpu_create", [&] {
    t.relying_on("create_state_check", "no vCPU is made once the TD is finalized",
                 [&] { t.step("kvm_tdx->state?").set(error, is_finalized()); });
  });
}

// ---- the locks ----

// The guard: what it guards is `body`, which is left out if it says -EBUSY. In 6.16 this is what the ioctl on
// the VM takes in its place.
void VmStateLocks::tdx_acquire_vm_state_locks(Thread& t, const Expr& own, const dsl::Body& body) {
  t.function("tdx_acquire_vm_state_locks", [&] {
    kvm_lock.lock(t);
    when(!is_v6_16()).then([&] {
      when(creation_check).then([&] {
        t.relying_on("creation_check", "no vCPU comes to be while the state of the TD changes", [&] {
          t.step("created_vcpus == online_vcpus?").set(refused(t), created_vcpus != online_vcpus);
          when(refused(t)).then([&] {
            t.let(refused(t), false);
            t.region("told_ebusy", [&] { kvm_lock.unlock(t); });
            t.return_();
          });
        });
      });
      when(locks != "without_vcpu_mutexes").then([&] { kvm_lock_all_vcpus(t, own); });
    });
    slots_lock.lock(t);
    body();
    tdx_release_vm_state_locks(t, own);
  });
}

void VmStateLocks::tdx_release_vm_state_locks(Thread& t, const Expr& own) {
  t.function("tdx_release_vm_state_locks", [&] {
    slots_lock.unlock(t);
    when(!is_v6_16() && locks != "without_vcpu_mutexes").then([&] { kvm_unlock_all_vcpus(t, own); });
    kvm_lock.unlock(t);
  });
}

// ---- the ioctl on the VM ----

void VmStateLocks::tdx_vm_ioctl(Thread& t) {
  t.function("tdx_vm_ioctl", [&] { tdx_acquire_vm_state_locks(t, {}, [&] { tdx_td_finalize(t); }); });
}

void VmStateLocks::tdx_td_finalize(Thread& t) {
  const Variable rax = status(t);
  t.function("tdx_td_finalize", [&] {
    t.relying_on("finalize_state_check", "a TD is finalized once",
                 [&] { return_if(t, "finalized already?", is_finalized()); });
    td.mr_finalize({t, rax});
    return_unless_success(t, [&] {
      when(rax == "TDX_OPERAND_BUSY" && finalize_busy == "EBUSY")
          .then([&] {
            t.step("BUSY: -EBUSY").asserts("finalize_not_busy", false, "TDH.MR.FINALIZE has the TDR");
          })
          .otherwise([&] { kvm_bug_on_status(t, "KVM_BUG_ON: TDH.MR.FINALIZE failed"); });
    });
    t.one_of({[&] {
                t.step("kvm_tdx->state = TD_STATE_RUNNABLE").set(state, "TD_STATE_RUNNABLE");
                t.step("pre_fault_allowed = true").set(pre_fault_allowed, true);
              },
              [&] {
                t.step("pre_fault_allowed = true, before the state")
                    .relies_on("smp_wmb", !wmb, "the TD's state is stored before pre_fault_allowed")
                    .set(pre_fault_allowed, true);
                t.step("kvm_tdx->state = TD_STATE_RUNNABLE, late").set(state, "TD_STATE_RUNNABLE");
              }});
  });
}

// ---- the ioctls on a vCPU ----

// A locked ioctl: its vcpu->mutex is held, and nothing else.
void VmStateLocks::tdx_vcpu_ioctl(Thread& t, const Expr& v) {
  vcpu_mutex.of(v).lock(t);
  t.function("tdx_vcpu_ioctl", [&] {
    return_if(t, "finalized already?", is_finalized());
    tdx_vcpu_get_cpuid(t);
  });
  vcpu_mutex.of(v).unlock(t);
}

// A BUSY call is -EIO to user space, and no harm to the VM.
void VmStateLocks::tdx_vcpu_get_cpuid(Thread& t) {
  const Variable rax = status(t);
  t.function("tdx_vcpu_get_cpuid", [&] {
    td.mng_rd({t, rax}, td.vm());
    t.let(rax, "SUCCESS");
  });
}

// KVM_TDX_INIT_VCPU and KVM_TDX_INIT_MEM_REGION. In 6.16 a locked ioctl, and the second takes slots_lock.
void VmStateLocks::tdx_vcpu_unlocked_ioctl(Thread& t, const Expr& v, const Expr& takes_slots_lock,
                                           const dsl::Body& command) {
  t.function("tdx_vcpu_unlocked_ioctl", [&] {
    when(is_v6_16())
        .then([&] {
          vcpu_mutex.of(v).lock(t);
          when(takes_slots_lock).then([&] { slots_lock.lock(t); });
          command();
          when(takes_slots_lock).then([&] { slots_lock.unlock(t); });
          vcpu_mutex.of(v).unlock(t);
        })
        .otherwise([&] {
          when(locks == "all_in_locked_ioctl").then([&] { vcpu_mutex.of(v).lock(t); });
          tdx_acquire_vm_state_locks(t, v, command);
          when(locks == "all_in_locked_ioctl").then([&] { vcpu_mutex.of(v).unlock(t); });
        });
  });
}

void VmStateLocks::tdx_vcpu_init(Thread& t, const Expr& v) {
  t.function("tdx_vcpu_init", [&] {
    t.relying_on("init_vcpu_state_check", "no vCPU is initialised once the TD is finalized",
                 [&] { return_if(t, "finalized already?", is_finalized()); });
    t.relying_on("init_vcpu_once", "a vCPU is initialised once",
                 [&] { return_if(t, "initialised already?", contains(initialized, v)); });
    tdx_td_vcpu_init(t, v);
  });
}

void VmStateLocks::tdx_td_vcpu_init(Thread& t, const Expr& v) {
  const Caller by{t, status(t)};
  t.function("tdx_td_vcpu_init", [&] {
    td.vp_create(by, v);
    return_unless_success(t, [&] { kvm_bug_on_status(t, "KVM_BUG_ON: TDH.VP.CREATE failed"); });
    td.vp_addcx(by, v);
    return_unless_success(t, [&] { kvm_bug_on_status(t, "KVM_BUG_ON: TDH.VP.ADDCX failed"); });
    td.vp_init(by, v);
    return_unless_success(t, [&] { kvm_bug_on_status(t, "KVM_BUG_ON: TDH.VP.INIT failed"); });
    t.step("tdx->state = VCPU_TD_STATE_INITIALIZED").set(initialized, with(initialized, v));
  });
}

void VmStateLocks::tdx_vcpu_init_mem_region(Thread& t, const Expr& v) {
  t.function("tdx_vcpu_init_mem_region", [&] {
    return_if(t, "vCPU not initialised?", !contains(initialized, v));
    t.relying_on("mem_region_state_check", "no page is added once the TD is finalized",
                 [&] { return_if(t, "finalized already?", is_finalized()); });
    tdx_gmem_post_populate(t);
  });
}

// In 6.16 PAGE.ADD follows the mapping, again for a page that is there; since 6.19 it is issued when the page
// gets into the mirror page table.
void VmStateLocks::tdx_gmem_post_populate(Thread& t) {
  const Variable rax = status(t);
  const Expr p = page.member(0);
  const Variable mapped = t.scratch("mapped", dsl::boolean(), false);
  const Expr finalized_before = rax == "TDX_OP_STATE_INCORRECT";
  t.function("tdx_gmem_post_populate", [&] {
    t.step("mirror entry present?").set(mapped, td.leaf(p).state != "FREE");
    when(!mapped || is_v6_16()).then([&] {
      t.let(mapped, false);
      td.mem_page_add({t, rax}, p);
      return_unless_success(t, [&] {
        t.step("TDH.MEM.PAGE.ADD failed: -EBUSY or -EIO")
            .asserts("nothing_after_finalize", !finalized_before, "the TD is not finalized yet");
      });
    });
    t.let(mapped, false);
    td.mr_extend({t, rax}, p);
    return_unless_success(t, [&] {
      when(extend_error == "EIO")
          .then([&] {
            t.step("TDH.MR.EXTEND failed: -EIO")
                .asserts("nothing_after_finalize", !finalized_before, "the TD is not finalized yet")
                .asserts("added_is_measured", false, "a page that was added is measured");
          })
          .otherwise([&] { kvm_bug_on_status(t, "KVM_BUG_ON: TDH.MR.EXTEND failed"); });
    });
  });
}

// A page that is installed before the TD is finalized is one of KVM_TDX_INIT_MEM_REGION, not a prefault's.
void VmStateLocks::tdx_sept_set_private_spte(Thread& t) {
  t.function("tdx_sept_set_private_spte", [&] {
    const std::string text = "KVM_BUG_ON: pre_fault_allowed, and the TD not finalized";
    t.step(text)
        .set(vm_dead, true)
        .asserts("no_kvm_bug", false, text)
        .asserts("prefault_sees_runnable", false, "a prefault that is allowed finds the TD finalized");
  });
}

} // namespace tdxcheck::protocols
