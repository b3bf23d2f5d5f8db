// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of sept_zap. The essay is at the head of sept_zap.cpp.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

namespace {

Caller task_of(Thread& t) { return {t, status_register(t), {}, t.local("operand", operand_type(), "none")}; }

} // namespace

// What a guest may do, hostile or not: ACCEPT any page, read attributes, touch any page at the RIP of the
// last fault or at another one, or nothing at all until it is made to leave.
void SeptZap::guest(Task& k, Guest& g) {
  auto& t = k.t;
  const Variable rax = t.scratch("guest_rax", status_type(), "SUCCESS");
  const auto tdcalls = [&](std::vector<dsl::Body>& choices, const SeptEntry& entry) {
    choices.emplace_back([&, entry] {
      t.only_while(guest_tdcalls, [&] { g.tdg_mem_page_accept(entry, rax); });
      t.let(rax, "SUCCESS");
    });
    choices.emplace_back([&, entry] {
      t.only_while(guest_reads_attributes, [&] { g.tdg_mem_page_attr_rd(entry, rax); });
      t.let(rax, "SUCCESS");
    });
  };
  const auto leaves = [&] { g.interrupted("external interrupt", kick.interrupted(t.self()) || vm_dead, false); };
  std::vector<dsl::Body> small{leaves}, large{leaves};
  for (const Expr& gfn : {page(), gfns.last()}) {
    tdcalls(small, td.leaf(gfn));
    for (const bool at_another_rip : {false, true})
      small.emplace_back(
          [&, gfn, at_another_rip] { t.only_while(guest_faults, [&] { g.access(gfn, at_another_rip); }); });
  }
  tdcalls(large, td.large(td.tables.member(0)));
  when(work == "demote").then([&] { t.forever([&] { t.one_of(large); }); }).otherwise([&] {
    t.forever([&] { t.one_of(small); });
  });
}

void SeptZap::vcpu_thread(Thread& t) {
  Task k = task_of(t);
  const Variable exit_gfn = t.scratch("exit_gfn", dsl::optional_index(gfns), dsl::none());
  const Variable gfn = t.scratch("gfn", dsl::index(gfns), 0);
  when(creates_vcpus != "done").then([&] {
    t.may_stop_here();
    t.step("ioctl(KVM_TDX_INIT_VCPU)");
    tdx_td_vcpu_init(k);
    t.end();
  });
  t.forever([&] {
    vcpu_enter_guest(k);
    when(k.rax == "EXIT_EPT_VIOLATION").then([&] {
      t.let(k.rax, "SUCCESS");
      t.let(gfn, choose(exit_gfn == page(), gfns.member(0), gfns.last()));
      t.let(exit_gfn, dsl::none());
      tdx_handle_ept_violation(k, gfn);
      t.let(gfn, 0);
    });
    t.let(k.rax, "SUCCESS");
    t.let(*k.operand, "none");
  });
}

void SeptZap::zap_thread(Thread& t) {
  Task k = task_of(t);
  const Variable failed = t.scratch("failed", dsl::boolean(), false);
  t.forever([&] {
    t.may_stop_here();
    t.step("fallocate(guest_memfd, PUNCH_HOLE)").when(!vm_dead);
    kvm_gmem_punch_hole(k, page());
    when(failed || work == "demote").then([&] { t.end(); });
  });
}

void SeptZap::define() {
  thread(
      "zapper", [this](Thread& t) { zap_thread(t); }, "punches a hole at one page, for ever");
  thread(
      "vcpu", vcpu, [this](Thread& t) { vcpu_thread(t); },
      "enters the guest and handles its faults, for ever; the guest does anything or nothing");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
