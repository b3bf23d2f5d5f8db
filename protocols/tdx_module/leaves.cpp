// SPDX-License-Identifier: GPL-2.0-or-later

// The leaves of tdx_module, and in what state their own operands are. The essay is at the head of
// tdx_module.cpp.

#include "protocols/tdx_module/tdx_module.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;

std::vector<TdxModule::Leaf> TdxModule::sys_leaves() const {
  const auto nothing = [](StepWords&, const Side&) {};
  return {{"SYS.INIT", nothing, [this](const Side& s) { system.sys_init(s.by); }},
          {"SYS.LP.INIT", nothing, [this](const Side& s) { system.sys_lp_init(s.by); }},
          {"SYS.CONFIG", nothing, [this](const Side& s) { system.sys_config(s.by); }},
          {"SYS.KEY.CONFIG", nothing, [this](const Side& s) { system.sys_key_config(s.by); }},
          {"SYS.TDMR.INIT", nothing, [this](const Side& s) { system.sys_tdmr_init(s.by, s.tdmr); }},
          {"SYS.SHUTDOWN", nothing, [this](const Side& s) { system.sys_shutdown(s.by); }},
          {"SYS.UPDATE", nothing, [this](const Side& s) { system.sys_update(s.by); }},
          {"SYS.LP.SHUTDOWN", nothing, [this](const Side& s) { system.sys_lp_shutdown(s.by); }}};
}

std::vector<TdxModule::Leaf> TdxModule::mng_leaves() const {
  const auto nothing = [](StepWords&, const Side&) {};
  const auto not_configured_here = [this](StepWords& step, const Side&) {
    step.set(td.keyed[td.vm()], dsl::empty_set());
  };
  return {
      {"MNG.CREATE", nothing, [this](const Side& s) { td.mng_create(s.by, td.vm()); }},
      {"MNG.ADDCX", nothing, [this](const Side& s) { td.mng_addcx(s.by, td.vm()); }},
      {"MNG.KEY.CONFIG", not_configured_here, [this](const Side& s) { td.mng_key_config(s.by, td.vm()); }},
      {"MNG.INIT", nothing, [this](const Side& s) { td.mng_init(s.by, td.vm()); }},
      {"MNG.RD", nothing, [this](const Side& s) { td.mng_rd(s.by, td.vm()); }},
      {"MNG.WR", nothing, [this](const Side& s) { td.mng_wr(s.by, td.vm()); }},
      {"MNG.VPFLUSHDONE", nothing, [this](const Side& s) { td.mng_vpflushdone(s.by, td.vm()); }},
      {"MNG.KEY.FREEID", nothing, [this](const Side& s) { td.mng_key_freeid(s.by, td.vm()); }}};
}

std::vector<TdxModule::Leaf> TdxModule::vp_leaves() const {
  const auto vcpu = [this](const std::string& state, const Expr& pages, bool associated) {
    return [=, this](StepWords& step, const Side& s) {
      step.set(td.vcpu_state[s.vcpu], state.c_str())
          .set(td.vcpu_pages[s.vcpu], state != "NONE")
          .set(td.tdvps[s.vcpu], pages);
      if (associated) step.set(td.assoc[s.vcpu], s.by.cpu);
    };
  };
  const auto suspected = [this](StepWords& step, const Side& s) {
    const dsl::Variable suspects = td.suspects(s.t);
    step.set(td.entry[s.gfn], "MAPPED").set(suspects, with(suspects, s.gfn));
  };
  const auto init = [this](const Side& s) {
    dsl::when(module.is_1_0()).then([&] { td.vp_init(s.by, s.vcpu, 0); }).otherwise([&] {
      td.vp_init(s.by, s.vcpu, 1);
    });
  };
  return {{"VP.CREATE", vcpu("NONE", 0, false), [this](const Side& s) { td.vp_create(s.by, s.vcpu); }},
          {"VP.ADDCX", vcpu("UNINITIALIZED", 0, false), [this](const Side& s) { td.vp_addcx(s.by, s.vcpu); }},
          {"VP.INIT", vcpu("UNINITIALIZED", 1, false), init},
          {"VP.ENTER", vcpu("READY", 1, false), [this](const Side& s) { td.vp_enter(s.by, s.vcpu); }},
          {"VP.ENTER.ZERO_STEP", suspected,
           [this](const Side& s) {
             td.vp_enter(s.by, s.vcpu);
             s.t.let(td.suspects(s.t), td.suspects(s.t) - td.suspects(s.t));
           }},
          {"VP.FLUSH", vcpu("READY", 1, true), [this](const Side& s) { td.vp_flush(s.by, s.vcpu); }},
          {"VP.RD", vcpu("READY", 1, false), [this](const Side& s) { td.vp_rd(s.by, s.vcpu); }},
          {"VP.WR", vcpu("READY", 1, false), [this](const Side& s) { td.vp_wr(s.by, s.vcpu); }}};
}

// What is blocked was so two epochs ago: TLB tracking is complete.
std::vector<TdxModule::Leaf> TdxModule::mem_leaves() const {
  const auto page = [this](const std::string& state, const std::string& table = "NL_MAPPED") {
    return [=, this](StepWords& step, const Side& s) {
      step.set(td.entry[s.gfn], state.c_str()).set(td.large_entry[s.table], table.c_str());
    };
  };
  using S = const Side&;
  return {
      {"MEM.SEPT.ADD", page("FREE", "FREE"), [this](S s) { td.mem_sept_add(s.by, s.table); }},
      {"MEM.SEPT.REMOVE", page("FREE", "NL_BLOCKED"), [this](S s) { td.mem_sept_remove(s.by, s.table); }},
      {"MEM.SEPT.RD", page("MAPPED"), [this](S s) { td.mem_sept_rd(s.by, td.leaf(s.gfn)); }},
      {"MEM.PAGE.ADD", page("FREE"), [this](S s) { td.mem_page_add(s.by, s.gfn); }},
      {"MEM.PAGE.AUG", page("FREE"), [this](S s) { td.mem_page_aug(s.by, td.leaf(s.gfn)); }},
      {"MEM.PAGE.REMOVE", page("BLOCKED"), [this](S s) { td.mem_page_remove(s.by, td.leaf(s.gfn)); }},
      {"MEM.PAGE.RELOCATE", page("BLOCKED"), [this](S s) { td.mem_page_relocate(s.by, s.gfn); }},
      {"MEM.PAGE.PROMOTE", page("MAPPED", "NL_BLOCKED"), [this](S s) { td.mem_page_promote(s.by, s.table); }},
      {"MEM.PAGE.DEMOTE", page("FREE", "BLOCKED"), [this](S s) { td.mem_page_demote(s.by, s.table); }},
      {"MEM.RANGE.BLOCK", page("MAPPED"), [this](S s) { td.mem_range_block(s.by, td.leaf(s.gfn)); }},
      {"MEM.RANGE.UNBLOCK", page("BLOCKED"), [this](S s) { td.mem_range_unblock(s.by, td.leaf(s.gfn)); }},
      {"MEM.TRACK", page("MAPPED"), [this](S s) { td.mem_track(s.by); }},
      {"MEM.RD", page("MAPPED"), [this](S s) { td.mem_rd(s.by, s.gfn); }},
      {"MEM.WR", page("MAPPED"), [this](S s) { td.mem_wr(s.by, s.gfn); }},
      {"MR.EXTEND", page("MAPPED"), [this](S s) { td.mr_extend(s.by, s.gfn); }},
      {"MR.FINALIZE", page("MAPPED"), [this](S s) { td.mr_finalize(s.by); }}};
}

std::vector<TdxModule::Leaf> TdxModule::phymem_leaves() const {
  const auto page = [this](const std::string& state) {
    return [=, this](StepWords& step, const Side& s) { step.set(td.entry[s.gfn], state.c_str()); };
  };
  const auto range = [this](bool has_pamt) {
    return [=, this](StepWords& step, const Side& s) {
      step.set(td.entry[s.gfn], "FREE")
          .set(td.pamt_present,
               has_pamt ? with(td.pamt_present, s.table) : without(td.pamt_present, s.table));
    };
  };
  using S = const Side&;
  return {{"PHYMEM.CACHE.WB", page("MAPPED"), [this](S s) { td.phymem_cache_wb(s.by, false); }},
          {"PHYMEM.PAGE.RECLAIM", page("MAPPED"),
           [this](S s) { td.phymem_page_reclaim_private(s.by, td.leaf(s.gfn)); }},
          {"PHYMEM.PAGE.WBINVD", page("FREE"), [this](S s) { td.phymem_page_wbinvd(s.by, s.gfn); }},
          {"PHYMEM.PAGE.RDMD", page("MAPPED"), [this](S s) { td.phymem_page_rdmd(s.by, s.gfn); }},
          {"PHYMEM.PAMT.ADD", range(false), [this](S s) { td.phymem_pamt_add(s.by, s.table); }},
          {"PHYMEM.PAMT.REMOVE", range(true), [this](S s) { td.phymem_pamt_remove(s.by, s.table); }}};
}

std::vector<TdxModule::Leaf> TdxModule::all_leaves() const {
  std::vector<Leaf> all;
  for (const auto& group : {sys_leaves(), mng_leaves(), vp_leaves(), mem_leaves(), phymem_leaves()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

// ---- variants ----

void TdxModule::variants() {
  struct Question {
    std::string name, holder, newcomer, source, expected;
  };
  const std::string table = "Yan Zhao, 2024-09-13, table of the locks of module 1.5.05";
  for (const Question& q : {
           Question{"block_against_fault", "MEM.RANGE.BLOCK", "MEM.PAGE.AUG", table,
                    "BLOCK writes the tree, AUG reads it: each may be BUSY because of the other"},
           Question{"remove_against_fault", "MEM.PAGE.REMOVE", "MEM.PAGE.AUG", table,
                    "both read the tree and pages differ: neither is ever BUSY"},
           Question{"zero_step_against_block", "VP.ENTER.ZERO_STEP", "MEM.RANGE.BLOCK",
                    "[RFC PATCH 0/2] SEPT SEAMCALL retry proposal, 2024-11-21",
                    "the check of a vCPU that faults at one place makes BLOCK BUSY, and the other way round"},
           Question{"track_against_enter", "MEM.TRACK", "VP.ENTER", table,
                    "they meet in EPOCH for a moment, never in the tree"},
           Question{"vp_init_against_block", "VP.INIT", "MEM.RANGE.BLOCK",
                    "KVM: TDX: Take MMU lock around tdh_vp_init(), 2025-10-27",
                    "VP.INIT of version 1 holds TDR exclusive: the zap is BUSY"},
       })
    variant({.name = q.name,
             .set = {{"holder", q.holder}, {"newcomer", q.newcomer}},
             .source = q.source,
             .expected = q.expected});
}

} // namespace tdxcheck::protocols
