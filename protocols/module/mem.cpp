// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.MEM.*: the S-EPT. Large pages are in mem_resize.cpp.
//
// The walk reads each level once, under the tree lock and without the entries' locks. That it reaches the
// entry stays true while the tree is held shared: tables only come into being then. (PROMOTE of a table that
// is not blocked, before the TD runs, is the exception up to 1.5.16; a walker meets the children's locks
// there, which are never released: BUSY instead of EPT_WALK_FAILED.) So the walk belongs to the try of the
// entry's lock. The state of an entry changes under its lock alone, so checking it belongs to what follows.
//
// That TLB tracking is complete stays true, too: the epoch only grows, and who enters counts in another
// counter.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;

namespace {

Expr is_blocked(const SeptEntry& e) {
  return e.state == "BLOCKED" || e.state == "PENDING_BLOCKED" || e.state == "NL_BLOCKED";
}

Expr is_leaf_state(const SeptEntry& e) {
  return e.state != "FREE" && e.state != "NL_MAPPED" && e.state != "NL_BLOCKED";
}

// BEPOCH means nothing for an entry that is not blocked.
void forget_epoch(dsl::StepWords& step, const SeptEntry& e) {
  step.set(e.blocked_now, without(e.blocked_now, e.member))
      .set(e.blocked_before, without(e.blocked_before, e.member));
}

} // namespace

// Every leaf that modifies the tree took it exclusive in 1.0.
Mode Td::tree_mode(model::LockMode from_1_5) const {
  return from_1_5 == model::LockMode::exclusive ? Mode(from_1_5) : exclusive_if(module.is_1_0());
}

// lock_sept_check_and_walk_internal.
void Td::take_entry(Seamcall& call, const SeptEntry& e, const Mode& tree,
                    const std::string& walk_status) const {
  call.take(sept_tree_, tree, "SEPT_TREE");
  call.check_that_stays("the walk reaches the entry", e.walk_reaches, walk_status);
  call.take(e.lock, dsl::exclusive, "RCX");
}

// pamt_implicit_get_and_lock: the entry of the page alone.
void Td::take_page_behind(Seamcall& call, const SeptEntry& e, const std::string& operand) const {
  call.take(e.page, dsl::exclusive, operand);
}

// pamt_walk: the 2 MiB level shared, then the page; for a page of 2 MiB its own level, promoted.
void Td::take_offered_page(Seamcall& call, const SeptEntry& e, const std::string& operand) const {
  call.take(pamt_2m_[e.table], dsl::shared, operand);
  if (e.is_leaf) {
    call.take(e.page, dsl::exclusive, operand);
  } else {
    call.promote(operand);
  }
}

void Td::check_blocked_and_tracked(Seamcall& call, const SeptEntry& e) const {
  call.check("the entry is blocked, where the TD runs", !is_runnable() || is_blocked(e),
             "TDX_GPA_RANGE_NOT_BLOCKED");
  call.check_that_stays("TLB tracking is complete, where the TD runs",
                        !spec_.modelled.tlb_tracking || !is_runnable() || is_tlb_tracked(e),
                        "TDX_TLB_TRACKING_NOT_DONE");
}

// tdh_mem_sept_add.c, version 0
void Td::mem_sept_add(const Caller& by, const Expr& table) const {
  const SeptEntry e = large(table);
  seamcall(by, "MEM.SEPT.ADD", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, tree_mode(dsl::shared));
    call.check("the entry is FREE", e.state == "FREE", "TDX_EPT_ENTRY_STATE_INCORRECT");
    call.succeed_storing_entry("entry becomes NL_MAPPED", e.lock, forgets_host_priority(),
                               [&](auto& step) { step.set(e.state, "NL_MAPPED"); });
  });
}

// tdh_mem_sept_remove.c
void Td::mem_sept_remove(const Caller& by, const Expr& table) const {
  const SeptEntry e = large(table);
  seamcall(by, "MEM.SEPT.REMOVE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::exclusive);
    call.check("the entry is that of a table", e.state == "NL_MAPPED" || e.state == "NL_BLOCKED",
               "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_page_behind(call, e, "RCX");
    check_blocked_and_tracked(call, e);
    call.check("every entry of the table is FREE",
               dsl::for_all(gfns, "g",
                            [&](const Expr& g) { return implies(table_of(g) == table, entry[g] == "FREE"); }),
               "TDX_EPT_PAGE_NOT_FREE");
    call.succeed_storing_entry("entry becomes FREE", e.lock, forgets_host_priority(), [&](auto& step) {
      step.set(e.state, "FREE");
      forget_epoch(step, e);
    });
  });
}

// tdh_mem_sept_rd.c. The entry's lock is released by its bit, so host priority survives.
void Td::mem_sept_rd(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "MEM.SEPT.RD", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::shared);
    call.succeed("the entry is read", {});
  });
}

// tdh_mem_page_add.c. TDR exclusive keeps everybody else out; no entry or OP_STATE lock, and since 1.5 none
// of the tree.
void Td::mem_page_add(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "MEM.PAGE.ADD", [&](Seamcall& call) {
    take_tdr(call, vm(), dsl::exclusive, "RDX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    check_op_state(call, op_state[vm()] == "INITIALIZED");
    call.take(sept_tree_.modelled_if(module.is_1_0()), dsl::exclusive, "SEPT_TREE");
    call.check("the walk reaches the entry", e.walk_reaches, "TDX_EPT_WALK_FAILED");
    call.check("the entry is FREE", e.state == "FREE", "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_offered_page(call, e, "R8");
    call.succeed("entry becomes MAPPED", [&](auto& step) { step.set(e.state, "MAPPED"); });
  });
}

// tdh_mem_page_aug.c, for 4 KiB and 2 MiB
void Td::mem_page_aug(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "MEM.PAGE.AUG", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, tree_mode(dsl::shared));
    call.check("the entry is FREE", e.state == "FREE", "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_offered_page(call, e, "R8");
    call.succeed_storing_entry("entry becomes PENDING", e.lock, forgets_host_priority(),
                               [&](auto& step) { step.set(e.state, "PENDING"); });
  });
}

// tdh_mem_page_remove.c
void Td::mem_page_remove(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "MEM.PAGE.REMOVE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, tree_mode(dsl::shared));
    call.check("the entry is a leaf", is_leaf_state(e), "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_page_behind(call, e, "RCX");
    check_blocked_and_tracked(call, e);
    call.succeed_storing_entry("entry becomes FREE", e.lock, forgets_host_priority(), [&](auto& step) {
      step.set(e.state, "FREE");
      forget_epoch(step, e);
    });
  });
}

// tdh_mem_page_relocate.c. Which physical page is behind an entry is not modelled: the new page's PAMT entry
// is named by no other call.
void Td::mem_page_relocate(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "MEM.PAGE.RELOCATE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, tree_mode(dsl::shared));
    call.check("the entry is a leaf", is_leaf_state(e), "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_page_behind(call, e, "RCX");
    check_blocked_and_tracked(call, e);
    call.succeed_storing_entry(
        "entry points to the new page, unblocked", e.lock, forgets_host_priority(), [&](auto& step) {
          step.set(e.state, choose(e.state == "PENDING_BLOCKED" || e.state == "PENDING",
                                   sept_entry("PENDING"), sept_entry("MAPPED")));
          forget_epoch(step, e);
        });
  });
}

// tdh_mem_range_block.c. BEPOCH is written after the entry, from td_epoch, without EPOCH or the PAMT lock;
// the tree is still held.
void Td::mem_range_block(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "MEM.RANGE.BLOCK", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::exclusive);
    call.check("the entry is not blocked", !is_blocked(e), "TDX_GPA_RANGE_ALREADY_BLOCKED");
    call.check("the entry is not FREE", e.state != "FREE", "TDX_EPT_ENTRY_STATE_INCORRECT");
    call.succeed_storing_entry("entry becomes blocked", e.lock, forgets_host_priority(), [&](auto& step) {
      step.set(e.state,
               choose(e.state == "NL_MAPPED", sept_entry("NL_BLOCKED"),
                      choose(e.state == "PENDING", sept_entry("PENDING_BLOCKED"), sept_entry("BLOCKED"))));
    });
    call.step_if(spec_.modelled.tlb_tracking, "BEPOCH = td_epoch", [&](auto& step) {
      step.set(e.blocked_now, with(e.blocked_now, e.member))
          .set(e.blocked_before, without(e.blocked_before, e.member));
    });
  });
}

// tdh_mem_range_unblock.c. It needs tracking to be complete, like a removal.
void Td::mem_range_unblock(const Caller& by, const SeptEntry& e) const {
  seamcall(by, "MEM.RANGE.UNBLOCK", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::exclusive);
    call.check("the entry is blocked", is_blocked(e), "TDX_EPT_ENTRY_STATE_INCORRECT");
    call.check_that_stays("TLB tracking is complete, where the TD runs",
                          !spec_.modelled.tlb_tracking || !is_runnable() || is_tlb_tracked(e),
                          "TDX_TLB_TRACKING_NOT_DONE");
    call.succeed_storing_entry("entry is unblocked", e.lock, forgets_host_priority(), [&](auto& step) {
      step.set(e.state,
               choose(e.state == "NL_BLOCKED", sept_entry("NL_MAPPED"),
                      choose(e.state == "PENDING_BLOCKED", sept_entry("PENDING"), sept_entry("MAPPED"))));
      forget_epoch(step, e);
    });
  });
}

// tdh_mem_track.c
void Td::mem_track(const Caller& by) const {
  seamcall(by, "MEM.TRACK", [&](Seamcall& call) {
    open_td(call, "RCX", op_state[vm()] != "UNINITIALIZED");
    call.take(epoch_, dsl::exclusive, "TD_EPOCH");
    call.check_that_stays("no vCPU runs with the epoch before",
                          !spec_.modelled.tlb_tracking || dsl::count(inside_before) == 0,
                          "TDX_PREVIOUS_TLB_EPOCH_BUSY");
    call.succeed("td_epoch += 1", [&](auto& step) {
      step.set(inside_before, inside_now)
          .set(inside_now, dsl::empty_set())
          .set(epoch_is_current, dsl::empty_set())
          .set(blocked_before, blocked_now)
          .set(blocked_now, dsl::empty_set())
          .set(large_blocked_before, large_blocked_now)
          .set(large_blocked_now, dsl::empty_set());
    });
  });
}

// tdh_mem_rd_wr.c, of a TD that may be debugged
void Td::mem_rd(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "MEM.RD", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::shared, "TDX_EPT_ENTRY_NOT_PRESENT");
    call.check("the page is MAPPED", e.state == "MAPPED", "TDX_EPT_ENTRY_STATE_INCORRECT");
    call.succeed("memory is read", {});
  });
}

void Td::mem_wr(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "MEM.WR", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, dsl::shared, "TDX_EPT_ENTRY_NOT_PRESENT");
    call.check("the page is MAPPED", e.state == "MAPPED", "TDX_EPT_ENTRY_STATE_INCORRECT");
    call.succeed("memory is written", {});
  });
}

} // namespace tdxcheck::protocols
