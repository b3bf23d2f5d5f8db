// SPDX-License-Identifier: GPL-2.0-or-later

// dynamic_pamt: the leaves of the TDX module, the thread, the claims and the variants. The essay is at the
// head of dynamic_pamt.cpp.

#include "protocols/dynamic_pamt/dynamic_pamt.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::when;
using model::Domain;
using model::Fairness;

// ---- the TDX module ----

// The 2 MiB entry is taken shared, like every ancestor, and promoted; a promotion that fails drops it. A
// SEAMCALL never stalls: whichever way a try goes it is made, so both ways are strongly fair.
void DynamicPamt::take_pamt_2m_exclusive(Task& k, const dsl::Body& taken) {
  auto& t = k.t;
  t.one_of(
      {[&] {
         t.step("PAMT_2M shared")
             .when(!pamt_2m_exclusive)
             .set(pamt_2m_readers, pamt_2m_readers + 1)
             .fair(Fairness::strong);
         t.one_of(
             {[&] {
                t.step("PAMT_2M promoted")
                    .when(pamt_2m_readers == 1)
                    .set(pamt_2m_readers, 0)
                    .set(pamt_2m_exclusive, true)
                    .tries(pamt_2m, dsl::exclusive);
                taken();
                t.step("PAMT_2M released").set(pamt_2m_exclusive, false).releases(pamt_2m, dsl::exclusive);
              },
              [&] {
                t.step("PAMT_2M is shared with others")
                    .when(pamt_2m_readers != 1)
                    .set(pamt_2m_readers, pamt_2m_readers - 1)
                    .set(k.rax, "TDX_OPERAND_BUSY")
                    .finds_busy(pamt_2m, dsl::exclusive)
                    .fair(Fairness::strong)
                    .answers("TDX_OPERAND_BUSY|RCX");
              }});
       },
       [&] {
         t.step("PAMT_2M is held exclusive")
             .when(pamt_2m_exclusive)
             .set(k.rax, "TDX_OPERAND_BUSY")
             .finds_busy(pamt_2m, dsl::shared)
             .fair(Fairness::strong)
             .answers("TDX_OPERAND_BUSY|RCX");
       }});
}

void DynamicPamt::phymem_pamt_add(Task& k) {
  auto& t = k.t;
  t.call("TDH.PHYMEM.PAMT.ADD", Domain::module, [&] {
    take_pamt_2m_exclusive(k, [&] {
      t.one_of({[&] {
                  t.step("the range has a page pair")
                      .when(pamt_present)
                      .set(k.rax, "TDX_HPA_RANGE_NOT_FREE")
                      .answers("TDX_HPA_RANGE_NOT_FREE");
                },
                [&] {
                  t.step("the range gets its page pair")
                      .when(!pamt_present)
                      .set(pamt_present, true)
                      .set(in_hand[k.self], false)
                      .answers("SUCCESS");
                }});
    });
  });
}

void DynamicPamt::phymem_pamt_remove(Task& k) {
  auto& t = k.t;
  const Expr in_use = dsl::exists(user, "u", [&](const Expr& u) { return page_mapped[u]; });
  const auto fails = [&](const std::string& status, const Expr& condition) {
    t.step("the range is not as expected").when(condition).set(k.rax, status.c_str()).answers(status);
  };
  t.call("TDH.PHYMEM.PAMT.REMOVE", Domain::module, [&] {
    take_pamt_2m_exclusive(k, [&] {
      t.one_of({[&] { fails("TDX_NO_PAMT_PAGE_PAIR", !pamt_present); },
                [&] { fails("TDX_PAMT_PAGE_NOT_EMPTY", pamt_present && in_use); },
                [&] { fails("TDX_OPERAND_INVALID", pamt_present && !in_use && remove_fails); },
                [&] {
                  t.step("the page pair goes back to the host")
                      .when(pamt_present && !in_use)
                      .set(pamt_present, false)
                      .set(in_hand[k.self], true)
                      .answers("SUCCESS");
                }});
    });
  });
}

// Of the walk to the page's PAMT entry only PAMT_2M counts here. The check is made under it, where it is
// released.
void DynamicPamt::mem_page_aug(Task& k) {
  auto& t = k.t;
  t.call("TDH.MEM.PAGE.AUG", Domain::module, [&] {
    t.one_of({[&] {
                t.step("PAMT_2M shared")
                    .when(!pamt_2m_exclusive)
                    .set(pamt_2m_readers, pamt_2m_readers + 1)
                    .tries(pamt_2m, dsl::shared)
                    .fair(Fairness::strong);
                const auto leave = [&](dsl::StepWords& step) {
                  step.set(pamt_2m_readers, pamt_2m_readers - 1).releases(pamt_2m, dsl::shared);
                };
                t.one_of({[&] {
                            auto step = t.step("the page is the TD's");
                            leave(step.when(pamt_present).set(page_mapped[k.self], true).answers("SUCCESS"));
                          },
                          [&] {
                            auto step = t.step("the range has no page pair");
                            leave(step.when(!pamt_present)
                                      .set(k.rax, "TDX_MISSING_PAMT_PAGE_PAIR")
                                      .answers("TDX_MISSING_PAMT_PAGE_PAIR"));
                          }});
              },
              [&] {
                t.step("PAMT_2M is held exclusive")
                    .when(pamt_2m_exclusive)
                    .set(k.rax, "TDX_OPERAND_BUSY")
                    .finds_busy(pamt_2m, dsl::shared)
                    .fair(Fairness::strong)
                    .answers("TDX_OPERAND_BUSY|R8");
              }});
  });
}

void DynamicPamt::mem_page_remove(Task& k) {
  k.t.call("TDH.MEM.PAGE.REMOVE", Domain::module,
           [&] { k.t.step("the page is nobody's").set(page_mapped[k.self], false).answers("SUCCESS"); });
}

// ---- the thread ----

void DynamicPamt::user_thread(Thread& t) {
  Task k{t, t.self(), t.local("rax", pamt_status(), "SUCCESS"), t.local("seen", dsl::boolean(), false),
         t.local("failed", dsl::boolean(), false)};
  t.forever([&] {
    t.may_stop_here();
    t.step("a fault on its page").fair(Fairness::none);
    tdx_sept_set_private_spte(k);
    when(k.failed).then([&] { t.let(k.failed, false); }).otherwise([&] { tdx_sept_remove_private_spte(k); });
  });
}

void DynamicPamt::define() {
  thread(
      "user", user, [this](Thread& t) { user_thread(t); },
      "maps a page of the range and removes it again, for ever or as often as it likes");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
