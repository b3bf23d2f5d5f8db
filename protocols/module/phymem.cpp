// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.PHYMEM.*: write-back, and physical pages.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;

// tdh_phymem_cache_wb.c. KOT is held shared for the whole run; an interruption releases both locks and keeps
// the progress.
void Td::phymem_cache_wb(const Caller& by, const Expr& resume) const {
  auto& t = by.t;
  const Expr& cpu = by.cpu;
  seamcall(by, "PHYMEM.CACHE.WB", [&](Seamcall& call) {
    call.take(wbt_[cpu], dsl::exclusive, "WBCACHE");
    call.take(kot_, dsl::shared, "KOT");
    const auto flushed = [&](const Expr& td) { return hkid_state[td] == "HKID_FLUSHED"; };
    const Expr saved = progress_[cpu] != 0;
    // The states in KOT change under its exclusive lock alone, the progress under WBT.
    call.check("there is something to resume", !resume || saved, "TDX_WBCACHE_RESUME_ERROR");
    call.check("an HKID is FLUSHED", resume || dsl::exists(tds, "td", flushed),
               "TDX_NO_HKID_READY_TO_WBCACHE", [&](auto& step) { step.set(progress_[cpu], 0); });
    call.step("start or resume", [&](auto& step) {
      step.set_if(!resume, snapshot_[cpu], dsl::empty_set()).set_if(!resume, progress_[cpu], 0);
    });
    dsl::when(!resume).then([&] {
      t.for_each(tds, "snapshot_td", [&](const Expr& td) {
        t.step("HKID into the snapshot if FLUSHED")
            .set_if(flushed(td), snapshot_[cpu], with(snapshot_[cpu], td));
      });
    });
    write_back_blocks(call);
  });
}

// An interrupt is looked for after every block but the last.
void Td::write_back_blocks(Seamcall& call) const {
  auto& t = call.thread();
  const Expr& cpu = call.by().cpu;
  const Expr last = progress_[cpu] + 1 == spec_.write_back_blocks;
  t.forever([&] {
    t.one_of({[&] {
                t.step("write back a block").when(!last).set(progress_[cpu], progress_[cpu] + 1);
                t.one_of({[&] { t.step("no interrupt is pending"); },
                          [&] {
                            call.answer("an interrupt is pending", "TDX_INTERRUPTED_RESUMABLE",
                                        [](auto& step) { step.fair(model::Fairness::none); });
                          }});
              },
              [&] {
                t.step("write back the last block").when(last).set(progress_[cpu], 0);
                t.for_each(tds, "written_td", [&](const Expr& td) {
                  t.step("clear this package's bit of the HKID")
                      .set_if(contains(snapshot_[cpu], td), written_back[td], with(written_back[td], cpu));
                });
                call.succeed("written back", [&](auto& step) { step.set(snapshot_[cpu], dsl::empty_set()); });
                t.leave_loop();
              }});
  });
}

// tdh_phymem_page_reclaim.c: the PAMT entry of the page exclusive, its owner's TDR shared.
void Td::phymem_page_reclaim_tdvpr(const Caller& by, const Expr& vcpu) const {
  seamcall(by, "PHYMEM.PAGE.RECLAIM", [&](Seamcall& call) {
    call.take(tdvpr_[vcpu], dsl::exclusive, "RCX");
    call.check("the page is a TD's", vcpu_pages[vcpu], "TDX_PAGE_METADATA_INCORRECT");
    call.take(tdr_[vm()], dsl::shared, "TDR");
    call.check("lifecycle is TD_TEARDOWN", lifecycle[vm()] == "TD_TEARDOWN", "TDX_LIFECYCLE_STATE_INCORRECT");
    call.succeed("page goes back to the host", [&](auto& step) { step.set(vcpu_pages[vcpu], false); });
  });
}

// The TDR page has no owner but itself.
void Td::phymem_page_reclaim_tdr(const Caller& by, const Expr& td) const {
  seamcall(by, "PHYMEM.PAGE.RECLAIM", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    call.check("lifecycle is TD_TEARDOWN", lifecycle[td] == "TD_TEARDOWN", "TDX_LIFECYCLE_STATE_INCORRECT");
    Expr children = dsl::exists(vcpus, "v", [&](const Expr& v) { return vcpu_pages[v]; }) ||
                    dsl::exists(gfns, "g", [&](const Expr& g) { return entry[g] != "FREE"; });
    if (spec_.tables)
      children = children || dsl::exists(tables, "table",
                                         [&](const Expr& table) { return large_entry[table] != "FREE"; });
    call.check("the TD has no page left", !(td == vm() && children), "TDX_TD_ASSOCIATED_PAGES_EXIST");
    call.succeed("page goes back to the host", [&](auto& step) { step.set(tdr_page[td], false); });
  });
}

// Of a private page, or of the page of a table.
void Td::phymem_page_reclaim_private(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "PHYMEM.PAGE.RECLAIM", [&](Seamcall& call) {
    take_offered_page(call, e, "RCX");
    call.check("the page is a TD's", e.state != "FREE", "TDX_PAGE_METADATA_INCORRECT");
    call.take(tdr_[vm()], dsl::shared, "TDR");
    call.check("lifecycle is TD_TEARDOWN", lifecycle[vm()] == "TD_TEARDOWN", "TDX_LIFECYCLE_STATE_INCORRECT");
    call.succeed("page goes back to the host", [&](auto& step) { step.set(e.state, "FREE"); });
  });
}

// tdh_phymem_page_wbinvd.c and tdh_phymem_page_rdmd.c: no TD's lock. Whether the page behind the gfn is the
// host's again shows in the entry.
void Td::phymem_page_wbinvd(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "PHYMEM.PAGE.WBINVD", [&](Seamcall& call) {
    call.take(pamt_2m_[e.table], dsl::shared, "RCX");
    call.take(e.page, dsl::shared, "RCX");
    call.check("the page is nobody's", e.state == "FREE", "TDX_PAGE_METADATA_INCORRECT");
    call.succeed("the page is written back", {});
  });
}

void Td::phymem_page_rdmd(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "PHYMEM.PAGE.RDMD", [&](Seamcall& call) {
    call.take(pamt_2m_[e.table], dsl::shared, "RCX");
    call.take(e.page, dsl::shared, "RCX");
    call.succeed("the page's metadata are read", {});
  });
}

// tdh_phymem_pamt_add.c and tdh_phymem_pamt_remove.c (read from 1.5.25): the page pair that holds the PAMT
// entries of a 2 MiB range. The pair itself lies outside the range and is named by no other call.
void Td::phymem_pamt_add(const Caller& by, const Expr& table) const {
  seamcall(by, "PHYMEM.PAMT.ADD", [&](Seamcall& call) {
    call.check("the module has dynamic PAMT", module.has_dynamic_pamt(), "TDX_OPERAND_INVALID");
    call.take(pamt_2m_[table], dsl::shared, "RCX");
    call.promote("RCX");
    call.check("the range has none", !contains(pamt_present, table), "TDX_HPA_RANGE_NOT_FREE");
    call.succeed("the range has its page pair",
                 [&](auto& step) { step.set(pamt_present, with(pamt_present, table)); });
  });
}

void Td::phymem_pamt_remove(const Caller& by, const Expr& table) const {
  seamcall(by, "PHYMEM.PAMT.REMOVE", [&](Seamcall& call) {
    call.check("the module has dynamic PAMT", module.has_dynamic_pamt(), "TDX_OPERAND_INVALID");
    call.take(pamt_2m_[table], dsl::shared, "RCX");
    call.promote("RCX");
    call.check("the range has a page pair", contains(pamt_present, table), "TDX_NO_PAMT_PAGE_PAIR");
    call.check("no page of the range is a TD's",
               dsl::for_all(gfns, "g",
                            [&](const Expr& g) { return implies(table_of(g) == table, entry[g] == "FREE"); }),
               "TDX_PAMT_PAGE_NOT_EMPTY");
    call.succeed("the page pair goes back to the host",
                 [&](auto& step) { step.set(pamt_present, without(pamt_present, table)); });
  });
}

} // namespace tdxcheck::protocols
