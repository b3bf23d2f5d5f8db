// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of dynamic_pamt. The essay is at the head of dynamic_pamt.cpp.

#include "properties/properties.h"
#include "protocols/dynamic_pamt/dynamic_pamt.h"

namespace tdxcheck::protocols {

using dsl::choose;
using dsl::Expr;
using dsl::Variable;

// ---- claims ----

Expr DynamicPamt::users_counted() const {
  return choose(form == "landed" || form == "rfc", count, count + 1);
}

void DynamicPamt::claims() {
  using namespace properties;
  const auto number_of = [&](const Variable& what) {
    return dsl::count(user, "u", [&](const Expr& u) { return what[u]; });
  };
  no_deadlock(*this);
  lock_discipline(*this);
  no_livelock(*this, "get and put come to an end");
  no_starvation(*this, "each get and each put ends");
  assertion(*this, "no_kvm_bug", "nobody maps a page of a range without a page pair");
  assertion(*this, "no_unexpected_status", "PAMT.ADD and PAMT.REMOVE answer what their callers expect");
  assertion(*this, "no_bad_free", "no page is freed that is not the host's");
  always(*this, "mapped_page_has_pamt",
         dsl::for_all(user, "u", [&](const Expr& u) { return implies(page_mapped[u], pamt_present); }),
         "a page that is a TD's has its PAMT entry");
  always(*this, "counted_range_has_pamt", implies(users_counted() > 0 && !dpamt_lock.locked(), pamt_present),
         "a range that is in use by its count has its page pair, but while somebody changes both under the "
         "lock");
  balanced(*this, "page_pairs", pairs, number_of(in_hand) + choose(pamt_present, 1, 0), {},
           "every page pair is the module's or in somebody's hand, and in the end the allocator's");
  balanced(*this, "range_references", users_counted(), number_of(references), {},
           "the count is the number of users");
  sometimes(*this, "all_mapped", number_of(page_mapped) == user.size());
  sometimes(*this, "the_pair_comes_and_goes",
            dsl::exists(user, "u", [&](const Expr& u) { return in_hand[u] && !references[u]; }));
}

// ---- variants ----

void DynamicPamt::variants() {
  variant({.name = "landed",
           .set = {},
           .source = "about Linux 7.1, arch/x86/virt/vmx/tdx/tdx.c, tdx_pamt_get and tdx_pamt_put",
           .expected = "good, at the price of a global lock for every get and put"});
  default_variant("landed");
  variant(
      {.name = "landed_remove_fails",
       .set = {{"remove_fails", "true"}},
       .source = "landed; the count stays when PAMT.REMOVE fails",
       .expected =
           "the pair is leaked on purpose: no_unexpected_status, page_pairs and range_references say so",
       .finding =
           "Nothing else breaks: the range keeps its pair and one user too many for ever, and whoever gets "
           "it later finds the pair there."});
  variant(
      {.name = "rfc",
       .set = {{"form", "rfc"}, {"failed_remove", "free"}},
       .source = "the RFC of 2025-05-02: unlocked fast paths, HPA_RANGE_NOT_FREE accepted",
       .expected = "for the checker to decide",
       .left_out = "what the RFC does when PAMT.REMOVE fails is not said where this was read; here it frees",
       .finding = "Two puts may both have taken the count to 0 before either holds the lock, if a get "
                  "brought it back to 1 "
                  "in between. The first removes the pair; the second, for which the count is 0 as well, is "
                  "answered "
                  "TDX_NO_PAMT_PAGE_PAIR, and frees pages that nobody gave it. No page is ever mapped "
                  "without its PAMT."});
  variant(
      {.name = "optimize",
       .set = {{"form", "rfc"}},
       .source = "the Optimize patch of the series that landed: the fast paths of the RFC again",
       .expected = "for the checker to decide",
       .left_out = "read in part: what follows a failed PAMT.REMOVE is taken from the landed form",
       .finding =
           "The second put of rfc is there, but harmless: the failed REMOVE frees nothing, and the count and "
           "the pair still agree. What is left is an error message about a failure that is none."});
  variant(
      {.name = "kai",
       .set = {{"form", "kai"}},
       .source = "Kai Huang's answer to the RFC: start at -1, inc_unless_negative, dec_if_positive",
       .expected = "for the checker to decide",
       .finding =
           "A put that finds others under the lock returns without dropping its own reference, so the pair "
           "never goes back. And 0 means one user, who may be the one that is leaving: a get that raises "
           "it to 1 without the lock, after the put has looked and before PAMT.REMOVE, uses a range "
           "whose pair is being taken away."});
  variant(
      {.name = "kai_dec",
       .set = {{"form", "kai_dec"}},
       .source = "kai, where a put that finds others under the lock drops its reference; nobody's posting",
       .expected = "mends the leak of kai",
       .finding = "It does, and leaves the second fault of kai."});
  variant({.name = "kai_mark_first",
           .set = {{"form", "kai_mark_first"}},
           .source =
               "kai, where one decrement under the lock decides and leaves -1 before PAMT.REMOVE; nobody's "
               "posting",
           .expected = "mends both",
           .finding =
               "It does: an unlocked get meets -1 and waits for the lock. A failed PAMT.REMOVE would still "
               "have to be answered (remove_fails)."});
}

} // namespace tdxcheck::protocols
