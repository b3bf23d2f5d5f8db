// SPDX-License-Identifier: GPL-2.0-or-later

// The state of a TD and of its parts, and what the leaves have in common (src/common/helpers/helpers.c).

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using model::LockKind;

namespace {

dsl::IndexSet given_or_single(dsl::Protocol& p, const std::optional<dsl::IndexSet>& set,
                              const std::string& name) {
  return set ? *set : p.index_set(name, 1);
}

const std::vector<std::string> entry_states{"FREE",    "NL_MAPPED", "NL_BLOCKED",     "MAPPED",
                                            "BLOCKED", "PENDING",   "PENDING_BLOCKED"};

const std::vector<std::string> lifecycles{"TD_NONE", "TD_HKID_ASSIGNED", "TD_KEYS_CONFIGURED", "TD_BLOCKED",
                                          "TD_TEARDOWN"};
const std::vector<std::string> hkid_states{"HKID_FREE", "HKID_ASSIGNED", "HKID_FLUSHED"};
const std::vector<std::string> vcpu_states{"NONE", "UNINITIALIZED", "READY", "ACTIVE", "DISABLED"};

const std::vector<std::string> op_states{"UNINITIALIZED", "INITIALIZED", "RUNNABLE"};

// The state of the HKID that goes with a life cycle.
Expr hkid_at_first(const Expr& lifecycle) {
  const auto is = [&](const std::string& state) {
    return dsl::constant("lifecycle", lifecycles, state) == lifecycle;
  };
  const auto hkid = [](const std::string& state) { return dsl::constant("hkid_state", hkid_states, state); };
  return choose(is("TD_NONE") || is("TD_TEARDOWN"), hkid("HKID_FREE"),
                choose(is("TD_BLOCKED"), hkid("HKID_FLUSHED"), hkid("HKID_ASSIGNED")));
}

dsl::Type entry_type() { return dsl::enumeration("sept_entry", entry_states); }

} // namespace

Expr lifecycle_state(const std::string& state) { return dsl::constant("lifecycle", lifecycles, state); }
Expr vcpu_state(const std::string& state) { return dsl::constant("vcpu_state", vcpu_states, state); }
Expr op_state(const std::string& state) { return dsl::constant("op_state", op_states, state); }
Expr sept_entry(const std::string& state) { return dsl::constant("sept_entry", entry_states, state); }

Td::Td(dsl::Protocol& p, const System& system, const TdSpec& spec)
    : module(system.module),
      tds(given_or_single(p, spec.tds, "td")),
      vcpus(given_or_single(p, spec.vcpus, "vcpu")),
      gfns(given_or_single(p, spec.gfns, "gfn")),
      tables(given_or_single(p, spec.tables, "table")),
      lifecycle(p.variable("lifecycle", tds, dsl::enumeration("lifecycle", lifecycles), spec.lifecycle,
                           "TDR.lifecycle")),
      fatal(p.variable("TDR.FATAL", tds, dsl::boolean(), false)),
      hkid_state(p.variable("KOT", tds, dsl::enumeration("hkid_state", hkid_states),
                            hkid_at_first(spec.lifecycle),
                            "state of the TD's HKID in the key ownership table")),
      written_back(p.variable("written_back", tds, dsl::subset(system.cpus), dsl::empty_set(),
                              "packages whose bit in KOT[hkid].wbinvd_bitmap is clear again")),
      keyed(p.variable("pkg_config_bitmap", tds, dsl::subset(system.cpus), dsl::empty_set(),
                       "packages on which the TD's key is configured")),
      tdcs(p.variable("num_tdcx", tds, dsl::integer(0, spec.tdcs_pages), spec.tdcs_pages,
                      "TDCS pages that were added")),
      op_state(p.variable("op_state", tds, dsl::enumeration("op_state", op_states), spec.op_state,
                          "TDCS.OP_STATE")),
      assoc(p.variable("assoc", vcpus, dsl::optional_index(system.cpus), dsl::none(),
                       "pCPU that owns the vCPU")),
      vcpu_state(p.variable("vcpu_state", vcpus, dsl::enumeration("vcpu_state", vcpu_states), spec.vcpu_state,
                            "state of the vCPU; NONE before VP.CREATE")),
      tdvps(p.variable("num_tdvps_pages", vcpus, dsl::integer(0, spec.tdvps_pages), spec.tdvps_pages,
                       "pages that VP.ADDCX added")),
      vcpu_pages(p.variable("tdvpr_owned", vcpus, dsl::boolean(),
                            dsl::constant("vcpu_state", vcpu_states, "NONE") != spec.vcpu_state,
                            "the TD owns the TDVPR page")),
      tdr_page(p.variable("tdr_owned", tds, dsl::boolean(), true, "the TD owns the TDR page")),
      entry(p.variable("sept", gfns, entry_type(), spec.entries, "S-EPT entry of 4 KiB")),
      large_entry(p.variable("sept_2m", tables, entry_type(), spec.large_entries, "S-EPT entry of 2 MiB")),
      inside_now(p.variable("inside_now", dsl::subset(vcpus), dsl::empty_set(),
                            "vCPUs counted in refcount[] of the current epoch")),
      inside_before(p.variable("inside_before", dsl::subset(vcpus), dsl::empty_set(),
                               "vCPUs counted in refcount[] of the epoch before")),
      epoch_is_current(p.variable("epoch_is_current", dsl::subset(vcpus), dsl::empty_set(),
                                  "vCPUs whose vcpu_epoch is td_epoch")),
      blocked_now(p.variable("blocked_now", dsl::subset(gfns), dsl::empty_set(),
                             "gfns whose BEPOCH is the current epoch")),
      blocked_before(p.variable("blocked_before", dsl::subset(gfns), dsl::empty_set(),
                                "gfns whose BEPOCH is the epoch before")),
      large_blocked_now(p.variable("blocked_now_2m", dsl::subset(tables), dsl::empty_set())),
      large_blocked_before(p.variable("blocked_before_2m", dsl::subset(tables), dsl::empty_set())),
      pamt_present(p.variable("pamt_present", dsl::subset(tables), dsl::empty_set(),
                              "2 MiB ranges that have a PAMT page pair (dynamic PAMT)")),
      system_(&system),
      spec_(spec),
      tdr_(p, {.name = "TDR", .per = {tds}, .readers = spec.callers, .modelled = spec.modelled.tdr}),
      tdvpr_(p, {.name = "TDVPR", .per = {vcpus}, .readers = spec.callers, .modelled = spec.modelled.tdvpr}),
      op_state_lock_(
          p, {.name = "OP_STATE", .per = {tds}, .readers = spec.callers, .modelled = spec.modelled.op_state}),
      sept_tree_(p, {.name = "SEPT_TREE",
                     .readers = spec.callers,
                     .modelled = spec.modelled.sept_tree,
                     .host_priority = spec.modelled.tree_host_priority && module.from_1_5_20()}),
      sept_entry_(p, {.name = "SEPT_ENTRY",
                      .per = {gfns},
                      .kind = LockKind::bit,
                      .modelled = spec.modelled.sept_entry && !module.is_1_0(),
                      .host_priority = spec.modelled.host_priority && !module.is_1_0()}),
      large_entry_lock_(p, {.name = "SEPT_ENTRY_2M",
                            .per = {tables},
                            .kind = LockKind::bit,
                            .modelled = spec.modelled.sept_entry && !module.is_1_0(),
                            .host_priority = spec.modelled.host_priority && !module.is_1_0()}),
      epoch_(p, {.name = "EPOCH",
                 .readers = spec.callers,
                 .kind = LockKind::sharex,
                 .modelled = spec.modelled.epoch && spec.modelled.tlb_tracking}),
      kot_(p, {.name = "KOT",
               .readers = system.cpus.size(),
               .kind = LockKind::sharex,
               .modelled = spec.modelled.kot}),
      wbt_(p, {.name = "WBT", .per = {system.cpus}, .kind = LockKind::mutex, .modelled = spec.modelled.kot}),
      page_(p, {.name = "PAGE", .per = {gfns}, .readers = spec.callers, .modelled = spec.modelled.pamt}),
      large_page_(
          p, {.name = "PAGE_2M", .per = {tables}, .readers = spec.callers, .modelled = spec.modelled.pamt}),
      pamt_2m_(p, {.name = "PAMT_2M",
                   .per = {tables},
                   .readers = spec.callers,
                   .modelled = spec.modelled.pamt_ancestors}),
      metadata_(p.variable("metadata_field", tds, dsl::boolean(), false, "what MNG.WR writes")),
      snapshot_(p.variable("wb_snapshot", system.cpus, dsl::subset(tds), dsl::empty_set(),
                           "HKIDs whose package bit this write-back will clear")),
      progress_(p.variable("wb_progress", system.cpus, dsl::integer(0, spec.write_back_blocks - 1), 0,
                           "blocks written back so far")),
      accepted_(p.variable("accept_counter", tables, dsl::integer(0, spec.accept_chunks - 1), 0,
                           "parts that an interrupted ACCEPT of 2 MiB has done")) {}

Expr Td::table_of(const Expr& gfn) const { return spec_.table_of ? spec_.table_of(gfn) : tables.member(0); }

SeptEntry Td::leaf(const Expr& gfn) const {
  const Expr table = table_of(gfn);
  return {entry[gfn],  sept_entry_[gfn], large_entry[table] == "NL_MAPPED",
          blocked_now, blocked_before,   gfn,
          table,       page_[gfn],       true};
}

SeptEntry Td::large(const Expr& table) const {
  return {large_entry[table],
          large_entry_lock_[table],
          true,
          large_blocked_now,
          large_blocked_before,
          table,
          table,
          large_page_[table],
          false};
}

Td::Stepping Td::stepping(Thread& t) const {
  return {t.scratch("faults", dsl::integer(0, spec_.zero_step_threshold), 0),
          t.scratch("suspects", dsl::subset(gfns), dsl::empty_set()),
          t.scratch("turned_away", dsl::boolean(), false)};
}

// refcount[BEPOCH & 1] is that of the epoch before where BEPOCH is td_epoch - 1.
Expr Td::is_tlb_tracked(const SeptEntry& e) const {
  return !contains(e.blocked_now, e.member) &&
         implies(contains(e.blocked_before, e.member), dsl::count(inside_before) == 0);
}

void Td::seamcall(const Caller& by, const std::string& name, const Leaf& leaf) const {
  system_->seamcall(by, "TDH." + name, leaf);
}

// ---- prologues ----

void Td::take_tdr(Seamcall& call, const Expr& td, const Mode& mode, const std::string& operand) const {
  call.take(tdr_[td], mode, operand);
}

// check_any_td_state_map_tdcs_and_lock. The life cycle changes under an exclusive TDR alone. FATAL is set by
// a TD exit, which holds TDR shared, so reading it is a step of its own where it may happen.
void Td::check_keys(Seamcall& call, const Expr& td) const {
  call.read("TDR.FATAL is clear", !fatal[td], "TDX_TD_FATAL", spec_.modelled.fatal);
  call.check("lifecycle is TD_KEYS_CONFIGURED", keys_configured(td), "TDX_TD_KEYS_NOT_CONFIGURED");
}

void Td::check_tdcs(Seamcall& call, const Expr& td) const {
  call.check("the TDCS pages are there", tdcs[td] == spec_.tdcs_pages, "TDX_TDCS_NOT_ALLOCATED");
}

// The first member of TD: OP_STATE changes under an exclusive TDR, or the exclusive lock, alone.
void Td::check_op_state(Seamcall& call, const Expr& allowed) const {
  call.check("OP_STATE is right", allowed, "TDX_OP_STATE_INCORRECT");
}

// The common prologue of leaves on a TD that is named by an operand.
void Td::open_td(Seamcall& call, const std::string& operand, const Expr& allowed) const {
  take_tdr(call, vm(), dsl::shared, operand);
  check_keys(call, vm());
  check_tdcs(call, vm());
  call.take(op_state_lock_[vm()], dsl::shared, "OP_STATE");
  check_op_state(call, allowed);
}

// TDVPR by operand, TDR by way of it.
void Td::open_vcpu(Seamcall& call, const Expr& vcpu, const Mode& tdvpr, const Mode& tdr,
                   const std::string& operand) const {
  call.take(tdvpr_[vcpu], tdvpr, operand);
  call.check("the page is a TDVPR", vcpu_pages[vcpu], "TDX_PAGE_METADATA_INCORRECT");
  call.take(tdr_[vm()], tdr, "TDR");
}

} // namespace tdxcheck::protocols
