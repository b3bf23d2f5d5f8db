// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.VP.*. A vCPU is associated with a pCPU by INIT, ENTER, RD and WR, and loses that by FLUSH alone, on
// that pCPU; whatever goes wrong later in the same call does not undo it.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Variable;
using model::Domain;

// tdh_vp_create.c. The page's PAMT entry lock is the TDVPR lock to be.
void Td::vp_create(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "VP.CREATE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] == "INITIALIZED");
    call.take(tdvpr_[vcpu], dsl::exclusive, "RCX");
    call.check("the page is free", vcpu_state[vcpu] == "NONE", "TDX_PAGE_METADATA_INCORRECT");
    call.succeed("the vCPU exists", [&](auto& step) {
      step.set(vcpu_state[vcpu], "UNINITIALIZED")
          .set(vcpu_pages[vcpu], true)
          .set(tdvps[vcpu], 0)
          .set(assoc[vcpu], dsl::none());
    });
  });
}

// tdh_vp_addcx.c
void Td::vp_addcx(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "VP.ADDCX", [&](Seamcall& call) {
    open_vcpu(call, vcpu, dsl::exclusive, dsl::shared, "RDX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[vm()] == "INITIALIZED");
    call.check("the vCPU is not initialised", vcpu_state[vcpu] == "UNINITIALIZED",
               "TDX_VCPU_STATE_INCORRECT");
    call.check("a TDVPS page is missing", tdvps[vcpu] < spec_.tdvps_pages, "TDX_TDCX_NUM_INCORRECT");
    call.succeed("a TDVPS page is added", [&](auto& step) { step.set(tdvps[vcpu], tdvps[vcpu] + 1); });
  });
}

// tdh_vp_init.c. Version 1 (the x2APIC id in R8) takes TDR exclusive; 1.0 has none.
void Td::vp_init(const Caller& by, const Expr& vcpu, int version) const {
  seamcall(by, "VP.INIT", [&](Seamcall& call) {
    if (version >= 1) call.check("the module has this version", !module.is_1_0(), "TDX_OPERAND_INVALID");
    open_vcpu(call, vcpu, dsl::exclusive, version >= 1 ? dsl::exclusive : dsl::shared, "RCX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[vm()] == "INITIALIZED");
    call.check("the TDVPS pages are there", tdvps[vcpu] == spec_.tdvps_pages, "TDX_TDCX_NUM_INCORRECT");
    call.check("the vCPU is not initialised", vcpu_state[vcpu] == "UNINITIALIZED",
               "TDX_VCPU_STATE_INCORRECT");
    call.succeed("the vCPU becomes READY, associated with this pCPU", [&](auto& step) {
      step.set(vcpu_state[vcpu], "READY");
      if (!by.cpu.empty()) step.set(assoc[vcpu], by.cpu);
    });
  });
}

// tdh_vp_flush.c: neither OP_STATE nor FATAL is looked at. A vCPU that runs holds its TDVPR shared.
void Td::vp_flush(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "VP.FLUSH", [&](Seamcall& call) {
    open_vcpu(call, vcpu, dsl::exclusive, dsl::shared, "RCX");
    call.check("lifecycle is TD_KEYS_CONFIGURED", keys_configured(vm()), "TDX_TD_KEYS_NOT_CONFIGURED");
    call.check("the TDVPS pages are there", tdvps[vcpu] == spec_.tdvps_pages, "TDX_TDCX_NUM_INCORRECT");
    call.check("the vCPU is associated with this pCPU", assoc[vcpu] == by.cpu, "TDX_VCPU_NOT_ASSOCIATED");
    call.succeed("flushed", [&](auto& step) { step.set(assoc[vcpu], dsl::none()); });
  });
}

// helpers.c check_and_associate_vcpu: first the state of the vCPU, then a compare-and-exchange of the owner.
// Who lost that race to another pCPU since it saw the vCPU READY is told so by the exchange, so both are one
// step.
void Td::associate(Seamcall& call, const Expr& vcpu, const Expr& ready) const {
  call.check("the TDVPS pages are there", tdvps[vcpu] == spec_.tdvps_pages, "TDX_TDCX_NUM_INCORRECT");
  call.check_that_stays("the vCPU is READY", ready, "TDX_VCPU_STATE_INCORRECT");
  const Expr& cpu = call.by().cpu;
  if (cpu.empty()) return;
  const Expr possible = spec_.modelled.association;
  call.check_that_stays("no other pCPU owns the vCPU",
                        !possible || is_none(assoc[vcpu]) || assoc[vcpu] == cpu, "TDX_VCPU_ASSOCIATED");
  call.step_if(possible, "associate with this pCPU", [&](auto& step) { step.set(assoc[vcpu], cpu); });
}

// tdh_vp_rd_wr.c: reading or writing a field of the vCPU associates it.
void Td::vp_rd(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "VP.RD", [&](Seamcall& call) {
    open_vcpu(call, vcpu, dsl::shared, dsl::shared, "RCX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[vm()] != "UNINITIALIZED");
    associate(call, vcpu, vcpu_state[vcpu] == "READY" || vcpu_state[vcpu] == "DISABLED");
    call.succeed("the field is read", {});
  });
}

void Td::vp_wr(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "VP.WR", [&](Seamcall& call) {
    open_vcpu(call, vcpu, dsl::shared, dsl::shared, "RCX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[vm()] != "UNINITIALIZED");
    associate(call, vcpu, vcpu_state[vcpu] == "READY");
    call.succeed("the field is written", {});
  });
}

// A listed page would still fault, and not into the guest as a #VE.
Expr Td::would_fault(const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  const Expr fine = e.state == "MAPPED" || (e.state == "PENDING" && module.from_1_5_20() && spec_.pending_ve);
  const Expr large_fine = large_entry[e.table] == "MAPPED" ||
                          (large_entry[e.table] == "PENDING" && module.from_1_5_20() && spec_.pending_ve);
  return !((e.walk_reaches && fine) || large_fine);
}

// td_exit_stepping.c td_entry_stepping_filter. The list is walked under the tree lock, where a page that does
// not fault keeps not faulting, so the walk is one look. The fake exit is told as one at any page that
// faults.
void Td::zero_step_check(Seamcall& call, const std::optional<Variable>& exit_gfn) const {
  auto& t = call.thread();
  const Variable listed = suspects(t);
  dsl::when(dsl::count(listed) != 0).then([&] {
    call.take(sept_tree_, exclusive_if(module.up_to_1_5_16()), "SEPT_TREE");
    const auto faults = [&](const Expr& g) { return contains(listed, g) && would_fault(g); };
    t.one_of({[&] {
                call.answer("a listed page would fault again: a fake EPT violation", "EXIT_EPT_VIOLATION",
                            [&](dsl::StepWords& step) {
                              step.some(gfns, "faulting", [&](dsl::StepWords& one, const Expr& g) {
                                one.when(faults(g));
                                if (exit_gfn) one.set(*exit_gfn, g);
                              });
                            });
              },
              [&] {
                call.step("no listed page would fault",
                          [&](auto& step) { step.when(!dsl::exists(gfns, "listed", faults)); });
              }});
    call.release();
  });
}

// tdh_vp_enter.c, and td_exit.c td_vmexit_to_vmm. TDVPR and TDR are held until the TD exit, OP_STATE until VM
// entry. The sample of td_epoch, its count and the release of EPOCH are one step: what is counted is the
// current epoch's, which nobody looks at before MEM.TRACK has made it the one before, and that needs EPOCH.
// At the TD exit the vCPU is READY and no longer counted at once: who could tell, another call on this vCPU,
// comes from this pCPU.
void Td::vp_enter(const Caller& by, const Expr& vcpu, const std::function<void(Guest&)>& guest_body,
                  const std::optional<Variable>& exit_gfn) const {
  auto& t = by.t;
  const Expr tracking = spec_.modelled.tlb_tracking;
  seamcall(by, "VP.ENTER", [&](Seamcall& call) {
    open_vcpu(call, vcpu, dsl::shared, dsl::shared, "RCX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
    check_op_state(call, is_runnable());
    associate(call, vcpu, vcpu_state[vcpu] == "READY");
    call.take(epoch_, dsl::shared, "TD_EPOCH");
    call.release_with(tracking, "sample td_epoch, count in refcount[]", [&](auto& step) {
      step.set(inside_now, with(inside_now, vcpu)).set(epoch_is_current, with(epoch_is_current, vcpu));
    });
    call.undo_on_failure(tracking, [&] {
      t.step("count out of refcount[]")
          .set(inside_now, without(inside_now, vcpu))
          .set(inside_before, without(inside_before, vcpu));
    });
    call.only_if(spec_.modelled.zero_step, [&] {
      call.step_if(!tracking, "look at the list of faults", {});
      zero_step_check(call, exit_gfn);
    });
    call.keep();
    call.release();
    call.step("VM entry", [&](auto& step) { step.set(vcpu_state[vcpu], "ACTIVE"); });
    t.in_domain(Domain::guest, [&] {
      Guest guest(*this, by, vcpu, exit_gfn);
      if (guest_body) {
        guest_body(guest);
        if (t.builder().place()) guest.leave(dsl::Location::current());
        t.builder().go_on_at(guest.exit_);
      }
    });
    // Whatever makes the guest exit: its own doing, the host's timer, an IPI. The host's timer is always
    // there.
    t.in_domain(Domain::guest, [&] {
      dsl::when(tracking).then([&] { td_exit(call, vcpu, !guest_body, true); }).otherwise([&] {
        td_exit(call, vcpu, !guest_body, false);
      });
    });
  });
}

// The status is the guest's last word, where the guest has a body.
void Td::td_exit(Seamcall& call, const Expr& vcpu, bool by_itself, bool counted) const {
  auto step = call.thread().step("TD exit");
  step.set(vcpu_state[vcpu], "READY").fair(model::Fairness::strong).costs(model::CostKind::seamcalls);
  if (by_itself) step.set(call.by().rax, "SUCCESS").answers("SUCCESS");
  if (counted)
    step.set(inside_now, without(inside_now, vcpu)).set(inside_before, without(inside_before, vcpu));
}

} // namespace tdxcheck::protocols
