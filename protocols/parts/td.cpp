// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/parts/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using model::Domain;

namespace {

const std::vector<std::string> page_states{"MAPPED", "BLOCKED", "FREE"};

Expr page_state(const std::string& state) { return dsl::constant("sept_entry", page_states, state); }

} // namespace

Td::Td(dsl::Protocol& p, const Cpus& cpus, const dsl::IndexSet& all_tds, const dsl::IndexSet& all_vcpus,
       const Expr& write_back_blocks, const Expr& private_page, const Expr& vcpus_exist,
       const Expr& may_leave_vmx)
    : tds(all_tds),
      vcpus(all_vcpus),
      lifecycle(p.variable("lifecycle", tds,
                           dsl::enumeration("lifecycle", {"TD_HKID_ASSIGNED", "TD_KEYS_CONFIGURED",
                                                          "TD_BLOCKED", "TD_TEARDOWN"}),
                           "TD_KEYS_CONFIGURED", "TDR.lifecycle")),
      hkid_state(p.variable("KOT", tds,
                            dsl::enumeration("hkid_state", {"HKID_FREE", "HKID_ASSIGNED", "HKID_FLUSHED"}),
                            "HKID_ASSIGNED", "state of the TD's HKID in the key ownership table")),
      written_back(p.variable("written_back", tds, dsl::subset(cpus.set), dsl::empty_set(),
                              "packages whose bit in KOT[hkid].wbinvd_bitmap is clear again")),
      assoc(
          p.variable("assoc", vcpus, dsl::optional_index(cpus.set), dsl::none(), "pCPU that owns the vCPU")),
      vcpu_active(p.variable("vcpu_active", vcpus, dsl::boolean(), false, "the vCPU runs (state ACTIVE)")),
      page(p.variable("private_page", dsl::enumeration("sept_entry", page_states),
                      choose(private_page, page_state("MAPPED"), page_state("FREE")),
                      "S-EPT entry of the one private page")),
      vcpu_pages(p.variable("tdvpr_owned", vcpus, dsl::boolean(), vcpus_exist, "the TD owns the TDVPR page")),
      tdr_page(p.variable("tdr_owned", tds, dsl::boolean(), true, "the TD owns the TDR page")),
      vmx_on(p.variable("vmx_on", cpus.set, dsl::boolean(), true, "CR4.VMXE: the pCPU is in VMX operation")),
      cpus_(&cpus),
      may_leave_vmx_(may_leave_vmx),
      blocks_(write_back_blocks),
      tdr_(p, "TDR", {tds}, vcpus.size() + cpus.set.size() + 2),
      tdvpr_(p, "TDVPR", {vcpus}, cpus.set.size() + 1),
      op_state_(p, "OP_STATE", {tds}, vcpus.size() + 2),
      kot_(p, "KOT.lock", {}, cpus.set.size(), model::LockKind::sharex),
      wbt_(p, "WBT", {cpus.set}, 1, model::LockKind::mutex),
      snapshot_(p.variable("wb_snapshot", cpus.set, dsl::subset(tds), dsl::empty_set(),
                           "HKIDs whose package bit this write-back will clear")),
      progress_(p.variable("wb_progress", cpus.set, dsl::integer(0, write_back_blocks - 1), 0,
                           "blocks written back so far")) {}

// Outside VMX operation SEAMCALL is #UD, which the assembly wrapper turns into a status of its own.
void Td::begin(Seamcall& call, const Expr& cpu) const {
  if (cpu.empty()) return;
  dsl::when(may_leave_vmx_).then([&] {
    call.check("the pCPU is in VMX operation", vmx_on[cpu], "TDX_SEAMCALL_UD");
  });
}

Expr Td::associated_vcpus(const Expr& td) const {
  const Expr all = dsl::count(vcpus, "v", [&](const Expr& v) { return associated(v); });
  return choose(td == tds.member(0), all, 0);
}

Expr Td::every_package_wrote_back(const Expr& td) const {
  return dsl::count(written_back[td]) == cpus_->set.size();
}

void Td::build_state(Seamcall& call, const Expr& td) const {
  call.check("lifecycle is TD_KEYS_CONFIGURED", keys_configured(td), "TDX_TD_KEYS_NOT_CONFIGURED");
}

// ---- MNG ----

// tdh_mng_vpflushdone.c. TDR exclusive keeps everybody out that could associate or change the life cycle, so
// the checks and the effect are one step.
void Td::mng_vpflushdone(Thread& t, const Expr& td, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.MNG.VPFLUSHDONE", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[td], dsl::exclusive, "RCX");
    call.take(kot_, dsl::exclusive, "KOT");
    const Expr right_state = keys_configured(td) || lifecycle[td] == "TD_HKID_ASSIGNED";
    const Expr flushed = lifecycle[td] == "TD_HKID_ASSIGNED" || associated_vcpus(td) == 0;
    call.fail(
        "TDX_LIFECYCLE_STATE_INCORRECT", [&](auto& step) { step.when(!right_state); },
        "lifecycle is neither HKID_ASSIGNED nor KEYS_CONFIGURED");
    call.fail(
        "TDX_FLUSHVP_NOT_DONE", [&](auto& step) { step.when(right_state && !flushed); },
        "a vCPU is still associated");
    call.succeed(
        [&](auto& step) {
          step.when(right_state && flushed)
              .set(lifecycle[td], "TD_BLOCKED")
              .set(hkid_state[td], "HKID_FLUSHED")
              .set(written_back[td], dsl::empty_set())
              .costs(model::CostKind::seamcalls);
        },
        "no vCPU is associated");
    call.finish();
  });
}

// tdh_mng_key_freeid.c
void Td::mng_key_freeid(Thread& t, const Expr& td, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.MNG.KEY.FREEID", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[td], dsl::exclusive, "RCX");
    call.check("lifecycle is TD_BLOCKED", lifecycle[td] == "TD_BLOCKED", "TDX_LIFECYCLE_STATE_INCORRECT");
    call.take(kot_, dsl::exclusive, "KOT");
    const Expr complete = every_package_wrote_back(td);
    call.fail(
        "TDX_WBCACHE_NOT_COMPLETE", [&](auto& step) { step.when(!complete); },
        "a package has not written back");
    call.succeed(
        [&](auto& step) {
          step.when(complete)
              .set(hkid_state[td], "HKID_FREE")
              .set(lifecycle[td], "TD_TEARDOWN")
              .costs(model::CostKind::seamcalls);
        },
        "every package has written back");
    call.finish();
  });
}

// ---- VP ----

// tdh_vp_flush.c
void Td::vp_flush(Thread& t, const Expr& vcpu, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.VP.FLUSH", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdvpr_[vcpu], dsl::exclusive, "RCX");
    call.take(tdr_[tds.member(0)], dsl::shared, "TDR");
    build_state(call, tds.member(0));
    call.fail(
        "TDX_VCPU_NOT_ASSOCIATED", [&](auto& step) { step.when(assoc[vcpu] != cpu); },
        "not associated with this pCPU");
    call.succeed(
        [&](auto& step) {
          step.when(assoc[vcpu] == cpu).set(assoc[vcpu], dsl::none()).costs(model::CostKind::seamcalls);
        },
        "flushed");
    call.finish();
  });
}

// helpers.c check_and_associate_vcpu: first the state of the vCPU, then a compare-and-exchange of the owner.
// The association stays whatever happens later.
void Td::associate(Seamcall& call, const Expr& vcpu, const Expr& cpu, Thread& t, const Variable& rax) const {
  call.check("vCPU is READY", !vcpu_active[vcpu], "TDX_VCPU_STATE_INCORRECT");
  const Expr mine = is_none(assoc[vcpu]) || assoc[vcpu] == cpu;
  call.fail(
      "TDX_VCPU_ASSOCIATED", [&](auto& step) { step.when(!mine); }, "owned by another pCPU");
  t.step("associate with this pCPU").when(mine).set(assoc[vcpu], cpu).set(rax, "SUCCESS");
}

// tdh_vp_rd_wr.c: reading a field of the vCPU associates it.
void Td::vp_rd(Thread& t, const Expr& vcpu, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.VP.RD", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdvpr_[vcpu], dsl::shared, "RCX");
    call.take(tdr_[tds.member(0)], dsl::shared, "TDR");
    build_state(call, tds.member(0));
    call.take(op_state_[tds.member(0)], dsl::shared, "OP_STATE");
    associate(call, vcpu, cpu, t, rax);
    call.finish();
  });
}

// tdh_vp_enter.c and td_exit.c td_vmexit_to_vmm. TDVPR and TDR are held until the TD exit, OP_STATE until VM
// entry.
void Td::vp_enter(Thread& t, const Expr& vcpu, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.VP.ENTER", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdvpr_[vcpu], dsl::shared, "RCX");
    call.take(tdr_[tds.member(0)], dsl::shared, "TDR");
    build_state(call, tds.member(0));
    call.take(op_state_[tds.member(0)], dsl::shared, "OP_STATE");
    associate(call, vcpu, cpu, t, rax);
    call.release();
    t.step("VM entry").set(vcpu_active[vcpu], true).costs(model::CostKind::seamcalls);
    // Whatever makes the guest exit: its own doing, the host's timer, an IPI. The host's timer is always
    // there.
    t.in_domain(Domain::guest, [&] {
      t.step("TD exit").set(vcpu_active[vcpu], false).answers("SUCCESS").fair(model::Fairness::strong);
    });
    call.finish();
  });
}

// ---- PHYMEM ----

// tdh_phymem_cache_wb.c. KOT is held shared for the whole run; an interruption releases both locks and keeps
// the progress.
void Td::phymem_cache_wb(Thread& t, const Expr& cpu, const Expr& resume, const Variable& rax) const {
  t.call("TDH.PHYMEM.CACHE.WB", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(wbt_[cpu], dsl::exclusive, "WBCACHE");
    call.take(kot_, dsl::shared, "KOT");
    const auto flushed = [&](const Expr& td) { return hkid_state[td] == "HKID_FLUSHED"; };
    const Expr any_flushed = dsl::exists(tds, "td", flushed);
    const Expr saved = progress_[cpu] != 0;
    call.fail(
        "TDX_WBCACHE_RESUME_ERROR", [&](auto& step) { step.when(resume && !saved); }, "nothing to resume");
    call.fail(
        "TDX_NO_HKID_READY_TO_WBCACHE",
        [&](auto& step) { step.when(!resume && !any_flushed).set(progress_[cpu], 0); }, "no HKID is FLUSHED");
    t.one_of({[&] { t.step("resume").when(resume && saved); },
              [&] {
                t.step("start")
                    .when(!resume && any_flushed)
                    .set(snapshot_[cpu], dsl::empty_set())
                    .set(progress_[cpu], 0);
                t.for_each(tds, "snapshot_td", [&](const Expr& td) {
                  t.step("HKID into the snapshot if FLUSHED")
                      .set_if(flushed(td), snapshot_[cpu], with(snapshot_[cpu], td));
                });
              }});
    write_back_blocks(t, cpu, rax);
    call.finish();
  });
}

// An interrupt is looked for after every block but the last.
void Td::write_back_blocks(Thread& t, const Expr& cpu, const Variable& rax) const {
  const Expr last = progress_[cpu] + 1 == blocks_;
  t.forever([&] {
    t.one_of({[&] {
                t.step("write back a block").when(!last).set(progress_[cpu], progress_[cpu] + 1);
                t.one_of({[&] { t.step("no interrupt is pending"); },
                          [&] {
                            t.step("an interrupt is pending")
                                .set(rax, "TDX_INTERRUPTED_RESUMABLE")
                                .answers("TDX_INTERRUPTED_RESUMABLE")
                                .costs(model::CostKind::seamcalls)
                                .fair(model::Fairness::none);
                            t.leave_loop();
                          }});
              },
              [&] {
                t.step("write back the last block").when(last).set(progress_[cpu], 0);
                t.for_each(tds, "written_td", [&](const Expr& td) {
                  t.step("clear this package's bit of the HKID")
                      .set_if(contains(snapshot_[cpu], td), written_back[td], with(written_back[td], cpu));
                });
                t.step("written back")
                    .set(snapshot_[cpu], dsl::empty_set())
                    .set(rax, "SUCCESS")
                    .answers("SUCCESS")
                    .costs(model::CostKind::seamcalls);
                t.leave_loop();
              }});
  });
}

// tdh_phymem_page_reclaim.c, for the three kinds of page that exist here. Nobody else takes the PAMT entry of
// a page that is being reclaimed, other than the calls on that very TDVPR or TDR, whose lock it is.
void Td::phymem_page_reclaim_tdvpr(Thread& t, const Expr& vcpu, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.PHYMEM.PAGE.RECLAIM", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdvpr_[vcpu], dsl::exclusive, "RCX");
    call.take(tdr_[tds.member(0)], dsl::shared, "TDR");
    reclaim(call, lifecycle[tds.member(0)] == "TD_TEARDOWN", vcpu_pages[vcpu]);
    call.finish();
  });
}

void Td::phymem_page_reclaim_tdr(Thread& t, const Expr& td, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.PHYMEM.PAGE.RECLAIM", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[td], dsl::exclusive, "RCX");
    call.check("lifecycle is TD_TEARDOWN", lifecycle[td] == "TD_TEARDOWN", "TDX_LIFECYCLE_STATE_INCORRECT");
    const Expr children =
        dsl::exists(vcpus, "v", [&](const Expr& v) { return vcpu_pages[v]; }) || page != "FREE";
    call.fail(
        "TDX_TD_ASSOCIATED_PAGES_EXIST", [&](auto& step) { step.when(td == tds.member(0) && children); },
        "the TD still has pages");
    call.succeed([&](auto& step) { step.when(!(td == tds.member(0) && children)).set(tdr_page[td], false); },
                 "page goes back to the host");
    call.finish();
  });
}

void Td::phymem_page_reclaim_private(Thread& t, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.PHYMEM.PAGE.RECLAIM", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[tds.member(0)], dsl::shared, "TDR");
    call.check("lifecycle is TD_TEARDOWN", lifecycle[tds.member(0)] == "TD_TEARDOWN",
               "TDX_LIFECYCLE_STATE_INCORRECT");
    call.succeed([&](auto& step) { step.set(page, "FREE"); }, "page goes back to the host");
    call.finish();
  });
}

void Td::reclaim(Seamcall& call, const Expr& torn_down, const Variable& owned) const {
  call.fail(
      "TDX_LIFECYCLE_STATE_INCORRECT", [&](auto& step) { step.when(!torn_down); },
      "lifecycle is not TD_TEARDOWN");
  call.succeed([&](auto& step) { step.when(torn_down).set(owned, false); }, "page goes back to the host");
}

// ---- MEM ----

// tdh_mem_range_block.c, tdh_mem_page_remove.c. SEPT_TREE and the entry lock are left out: the zapper that
// calls these is alone on the tree.
void Td::mem_range_block(Thread& t, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.MEM.RANGE.BLOCK", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[tds.member(0)], dsl::shared, "RDX");
    build_state(call, tds.member(0));
    call.take(op_state_[tds.member(0)], dsl::shared, "OP_STATE");
    call.succeed([&](auto& step) { step.set(page, "BLOCKED"); }, "entry becomes BLOCKED");
    call.finish();
  });
}

void Td::mem_page_remove(Thread& t, const Expr& cpu, const Variable& rax) const {
  t.call("TDH.MEM.PAGE.REMOVE", Domain::module, [&] {
    Seamcall call(t, rax);
    begin(call, cpu);
    call.take(tdr_[tds.member(0)], dsl::shared, "RDX");
    build_state(call, tds.member(0));
    call.take(op_state_[tds.member(0)], dsl::shared, "OP_STATE");
    call.fail(
        "TDX_EPT_ENTRY_STATE_INCORRECT", [&](auto& step) { step.when(page != "BLOCKED"); },
        "entry is not BLOCKED");
    call.succeed([&](auto& step) { step.when(page == "BLOCKED").set(page, "FREE"); }, "entry becomes FREE");
    call.finish();
  });
}

} // namespace tdxcheck::protocols
