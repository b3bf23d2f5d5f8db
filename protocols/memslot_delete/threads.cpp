// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of memslot_delete. The essay is at the head of memslot_delete.cpp.

#include "protocols/memslot_delete/memslot_delete.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;

void MemslotDelete::vcpu_thread(Thread& t) {
  const Variable page = t.local("gfn", dsl::index(gfn), 0);
  const Variable found =
      t.local("fault->slot", dsl::enumeration("memslot", {"NONE", "INVALID", "VALID"}), "NONE");
  const Variable retry = t.local("retry", dsl::boolean(), false);
  const auto choose_page = [&](const std::string& text, const Expr& possible) {
    t.step(text).fair(model::Fairness::none).some(gfn, "g", [&](auto& step, const Expr& g) {
      step.when(possible).set(page, g);
    });
  };
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                choose_page("ioctl(KVM_RUN)", runs);
                Fault f{t, t.self(), page, found, retry, false};
                vcpu_run(f);
              },
              [&] {
                choose_page("ioctl(KVM_PRE_FAULT_MEMORY)", prefault);
                Fault f{t, t.self(), page, found, retry, true};
                kvm_arch_vcpu_pre_fault_memory(f);
              }});
    t.let(retry, false);
    t.let(page, 0);
  });
}

void MemslotDelete::memslots_thread(Thread& t) {
  const Variable left = t.local("left", dsl::integer(0, changes), changes);
  t.forever([&] {
    t.may_stop_here();
    t.one_of({[&] {
                t.step("KVM_SET_USER_MEMORY_REGION: delete")
                    .when(left > 0 && slot == "VALID")
                    .set(left, left - 1)
                    .fair(model::Fairness::none);
                kvm_delete_memslot(t);
              },
              [&] {
                t.step("KVM_SET_USER_MEMORY_REGION: create")
                    .when(left > 0 && slot == "NONE")
                    .set(left, left - 1)
                    .fair(model::Fairness::none);
                kvm_create_memslot(t);
              }});
  });
}

void MemslotDelete::define() {
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "a user thread: the ioctls that the switches allow, for ever, or fewer");
  thread(
      "memslots", [this](Thread& t) { memslots_thread(t); },
      "deletes the slot, creates it, deletes it again: `changes` times or fewer");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
