// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of mirror_root. The essay is at the head of mirror_root.cpp.

#include "protocols/mirror_root/mirror_root.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

void MirrorRoot::vcpu_thread(Thread& t) {
  const Expr self = t.self();
  const Variable is_private = t.local("is_private", dsl::boolean(), false);
  const Variable retry = t.local("retry", dsl::boolean(), false);
  const auto close = [&] {
    t.function("kvm_vcpu_release", [&] {
      t.step("close(vcpu fd)")
          .set(fd_open[self], false)
          .set(has_root(t), false)
          .set(has_mirror(t), false)
          .fair(model::Fairness::none);
    });
  };
  kvm_mmu_create(t, self);
  when(mirror_alloc == "create" || mirror_alloc == "create_without_reference").then([&] {
    t.one_of({[&] { t.step("KVM_CREATE_VCPU succeeds"); },
              [&] {
                t.step("KVM_CREATE_VCPU fails after kvm_mmu_create()");
                kvm_mmu_destroy(t, self);
                close();
                t.end();
              }});
  });
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.step("ioctl(KVM_RUN)").when(runs).fair(model::Fairness::none);
                vcpu_run(t, self, is_private, retry);
              },
              [&] {
                t.step("ioctl(KVM_PRE_FAULT_MEMORY)")
                    .when(prefault)
                    .fair(model::Fairness::none)
                    .some(gpa, "gpa",
                          [&](auto& step, const Expr& a) { step.set(is_private, a == gpa.member(0)); });
                kvm_arch_vcpu_pre_fault_memory(t, self, is_private, retry);
              },
              [&] {
                t.step("kvm_mmu_reset_context()").when(resets).fair(model::Fairness::none);
                kvm_mmu_unload(t, self);
              },
              [&] {
                close();
                t.leave_loop();
              }});
  });
}

void MirrorRoot::memslots_thread(Thread& t) {
  const Variable done = t.local("done", dsl::integer(0, memslot_changes), 0);
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.step("ioctl(KVM_SET_USER_MEMORY_REGION)")
                    .when(done < memslot_changes)
                    .set(done, done + 1)
                    .fair(model::Fairness::none);
                kvm_swap_active_memslots(t);
              },
              [&] {
                t.step("close(VM fd)").set(vm_fd_open, false).set(done, 0).fair(model::Fairness::none);
                t.leave_loop();
              }});
  });
}

void MirrorRoot::destroying_thread(Thread& t) {
  t.step("the last reference to the VM is dropped")
      .when(!vm_fd_open && dsl::for_all(vcpu, "v", [&](const Expr& v) { return !fd_open[v]; }));
  kvm_destroy_vm(t);
}

void MirrorRoot::define() {
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: KVM_RUN and the ioctls that the switches allow, for ever, and one close; or less");
  thread(
      "memslots", [this](Thread& t) { memslots_thread(t); },
      "memslot_changes changes of memslots with which the generation wraps, or fewer; then the VM fd is "
      "closed");
  thread(
      "T0", [this](Thread& t) { destroying_thread(t); }, "destroys the VM, once");
  rcu.declare_callback(
      *this, freed_roots,
      [&](auto& step, const Expr& r) {
        step.set(allocated[r], false)
            .set(mirror[r], false)
            .set(invalid[r], false)
            .asserts("no_use_after_free", allocated[r], "no root is freed twice")
            .asserts("no_use_after_free", !destroyed, "callbacks run before the VM is freed")
            .asserts("no_warning", !populated[r], "no page table is left below a root that is freed");
      },
      "frees roots after a grace period, for ever");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
