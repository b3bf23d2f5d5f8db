// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.MEM.PAGE.DEMOTE and PROMOTE: a large page becomes a table of small ones, and back.
//
// The children's entries are written one by one, by steps of their own, while no walk can reach them: the
// parent is still, or already, a leaf.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void Td::set_children(Seamcall& call, const Expr& table, const std::string& text, const Expr& state) const {
  auto& t = call.thread();
  t.for_each(gfns, "child", [&](const Expr& g) {
    auto step = t.step(text);
    const Expr is_child = table_of(g) == table;
    step.set_if(is_child, entry[g], state)
        .set(blocked_now, choose(is_child, without(blocked_now, g), blocked_now))
        .set(blocked_before, choose(is_child, without(blocked_before, g), blocked_before));
    sept_entry_[g].set_silently(step, is_child, false);
  });
}

// Up to 1.5.16 PROMOTE takes the lock of every child, one by one, and gives back those it has where one is
// taken. A label holds a fixed set of locks, so these are set without an event.
void Td::lock_children(Seamcall& call, const Expr& table) const {
  auto& t = call.thread();
  const dsl::Variable locked = t.scratch("locked_children", dsl::subset(gfns), dsl::empty_set());
  const dsl::Variable busy = t.scratch("child_busy", dsl::boolean(), false);
  call.step("lock the children's entries", {});
  t.for_each(gfns, "locking", [&](const Expr& g) {
    const Expr is_child = table_of(g) == table;
    t.one_of({[&] {
                auto step = t.step("a child's entry is locked");
                step.when(is_child && sept_entry_[g].is_held()).set(busy, true);
                sept_entry_[g].found_busy(step, model::LockMode::exclusive);
                // The rest is not tried.
              },
              [&] {
                auto step = t.step("lock a child's entry");
                step.when(!is_child || !sept_entry_[g].is_held())
                    .set(locked, choose(is_child, with(locked, g), locked));
                sept_entry_[g].set_silently(step, is_child, true);
              }});
    dsl::when(busy).then([&] { t.leave_loop(); });
  });
  dsl::when(busy).then([&] {
    unlock_children(call);
    call.answer("a child's entry was locked", "TDX_OPERAND_BUSY", [&](auto& step) { step.set(busy, false); });
  });
}

void Td::unlock_children(Seamcall& call) const {
  auto& t = call.thread();
  const dsl::Variable locked = t.scratch("locked_children", dsl::subset(gfns), dsl::empty_set());
  t.for_each(gfns, "unlocking", [&](const Expr& g) {
    auto step = t.step("unlock a child's entry");
    sept_entry_[g].set_silently(step, contains(locked, g), false);
    step.set(locked, without(locked, g));
  });
}

// An interrupt, or (1.5.20 to 1.5.25) a host call that waits for the tree. Nothing has changed yet.
void Td::stop_if_asked_to(Seamcall& call) const {
  call.may_fail("an interrupt is pending", spec_.modelled.interrupts, "TDX_INTERRUPTED_RESTARTABLE");
  call.read("no host call waits for the tree", !sept_tree_.turns_guests_away(), "TDX_INTERRUPTED_BUSY",
            spec_.modelled.tree_host_priority && module.from_1_5_20());
}

// tdh_mem_page_demote.c. BEPOCH of the large page is read without its PAMT entry's lock.
void Td::mem_page_demote(const Caller& by, const Expr& table) const {
  const SeptEntry e = large(table);
  auto& t = by.t;
  seamcall(by, "MEM.PAGE.DEMOTE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, tree_mode(dsl::shared));
    call.check("the entry is a large leaf",
               e.state == "MAPPED" || e.state == "BLOCKED" || e.state == "PENDING" ||
                   e.state == "PENDING_BLOCKED",
               "TDX_EPT_ENTRY_STATE_INCORRECT");
    check_blocked_and_tracked(call, e);
    stop_if_asked_to(call);
    call.take(pamt_2m_[table], dsl::exclusive, "RCX");
    call.step("split the page's PAMT entry", {});
    call.release();
    const Expr pending = e.state == "PENDING" || e.state == "PENDING_BLOCKED";
    t.for_each(gfns, "child", [&](const Expr& g) {
      t.step("a child's entry")
          .set_if(table_of(g) == table, entry[g],
                  choose(pending, sept_entry("PENDING"), sept_entry("MAPPED")));
    });
    // The entry stays locked until the call returns.
    call.succeed("entry becomes NL_MAPPED", [&](auto& step) {
      step.set(e.state, "NL_MAPPED")
          .set(e.blocked_now, without(e.blocked_now, e.member))
          .set(e.blocked_before, without(e.blocked_before, e.member));
    });
  });
}

// tdh_mem_page_promote.c
void Td::mem_page_promote(const Caller& by, const Expr& table) const {
  const SeptEntry e = large(table);
  seamcall(by, "MEM.PAGE.PROMOTE", [&](Seamcall& call) {
    open_td(call, "RDX", op_state[vm()] != "UNINITIALIZED");
    take_entry(call, e, exclusive_if(module.is_1_0() || module.from_1_5_20()));
    call.check("the entry is that of a table", e.state == "NL_MAPPED" || e.state == "NL_BLOCKED",
               "TDX_EPT_ENTRY_STATE_INCORRECT");
    take_page_behind(call, e, "RCX");
    check_blocked_and_tracked(call, e);
    const Expr children_have_locks = module.up_to_1_5_16() && sept_entry_.modelled();
    call.only_if(children_have_locks, [&] { lock_children(call, table); });
    call.undo_on_failure(children_have_locks, [&] { unlock_children(call); });
    const auto every_child_is = [&](const std::string& state) {
      return dsl::for_all(gfns, "g", [&](const Expr& g) {
        return implies(table_of(g) == table, entry[g] == sept_entry(state));
      });
    };
    call.check("the children are alike", every_child_is("MAPPED") || every_child_is("PENDING"),
               "TDX_EPT_INVALID_PROMOTE_CONDITIONS");
    stop_if_asked_to(call);
    call.take(pamt_2m_[table], dsl::exclusive, "RCX");
    call.step("merge the PAMT entries", {});
    call.release();
    call.keep();
    call.succeed("entry becomes a large leaf, unblocked", [&](auto& step) {
      step.set(e.state, choose(every_child_is("PENDING"), sept_entry("PENDING"), sept_entry("MAPPED")))
          .set(e.blocked_now, without(e.blocked_now, e.member))
          .set(e.blocked_before, without(e.blocked_before, e.member));
    });
    // The table is no more: neither are its entries and their locks.
    set_children(call, table, "the table's entries are gone", sept_entry("FREE"));
    by.t.let(by.t.scratch("locked_children", dsl::subset(gfns), dsl::empty_set()), dsl::empty_set());
  });
}

} // namespace tdxcheck::protocols
