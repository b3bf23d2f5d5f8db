// SPDX-License-Identifier: GPL-2.0-or-later

// Dynamic PAMT: the TDX module keeps metadata (PAMT) for 4 KiB pages only in 2 MiB ranges that need it. The
// host gives a pair of pages per range by TDH.PHYMEM.PAMT.ADD before the first 4 KiB page of the range goes
// to a TD, and gets it back by TDH.PHYMEM.PAMT.REMOVE after the last came back. A count per range says when:
// tdx_pamt_get() and tdx_pamt_put().
//
// THE QUESTION. How much of get and put may run outside the global spinlock? The count and the module's state
// change in two steps; whoever sees one without the other gives a second pair, takes the pair away twice, or
// uses a page of a range that has none. `form` is the scheme, `failed_remove` what follows a REMOVE that
// fails.
//
// SOURCES. The RFC of 2025-05-02 (form rfc); Kai Huang's answer to it (kai); arch/x86/virt/vmx/tdx/tdx.c of
// about 7.1 (landed), and the "Optimize" patch of that series (rfc again, with another end after a failed
// REMOVE). The module: tdh_phymem_pamt_add.c and tdh_phymem_pamt_remove.c of 1.5.25.
//
// THREADS
//   user[u]   maps one 4 KiB page of the range in a TD and removes it again, for ever or as often as it
//   likes: a
//             fault, then a zap. Each has a page of its own in the range, as two faults on the same page do
//             not get here together. An allocation may fail (alloc_fails).
//
// LEFT OUT. Other ranges: they share the spinlock and nothing else. All locks of the module other than that
// of the PAMT entry of the range (PAMT_2M), which PAMT.ADD and REMOVE want exclusive and every call that
// names a page of the range wants shared; the page pair itself lies elsewhere and no other call names it.
// MEM.PAGE.REMOVE finds its page through the S-EPT entry and does not take PAMT_2M. Blocking and tracking
// before it. 2 MiB mappings, which need no pair, and their demotion. Interruptions of ADD and REMOVE.
// Barriers: memory is sequentially consistent.

#include "protocols/dynamic_pamt/dynamic_pamt.h"

namespace tdxcheck::protocols {

using dsl::choose;
using dsl::Expr;
using dsl::Thread;
using dsl::when;
using model::Fairness;

dsl::Type DynamicPamt::pamt_status() {
  return dsl::enumeration("pamt_status",
                          {"SUCCESS", "TDX_OPERAND_BUSY", "TDX_HPA_RANGE_NOT_FREE", "TDX_NO_PAMT_PAGE_PAIR",
                           "TDX_PAMT_PAGE_NOT_EMPTY", "TDX_MISSING_PAMT_PAGE_PAIR", "TDX_OPERAND_INVALID"});
}

DynamicPamt::DynamicPamt()
    : Protocol("dynamic_pamt", "Dynamic PAMT: get and put of a 2 MiB range's page pair"),
      users(integer_parameter("users", 3, 2, 4, "threads, each with a page of its own in the range")),
      form(enum_parameter(
          "form", {"landed", "rfc", "kai", "kai_dec", "kai_mark_first"},
          "landed: all under the lock; rfc: inc_not_zero and dec_and_test outside; kai: starts at "
          "-1, inc_unless_negative and dec_if_positive outside; kai_dec: and a put that finds others "
          "decrements; kai_mark_first: and -1 is stored before PAMT.REMOVE")),
      failed_remove(enum_parameter("failed_remove", {"leak", "free"},
                                   "what put does with the page pair when PAMT.REMOVE fails")),
      alloc_fails(bool_parameter("alloc_fails", true, "the allocation of a page pair may fail")),
      remove_fails(bool_parameter("remove_fails", false, "PAMT.REMOVE may fail for no reason known here")),
      user(index_set("user", users)),
      dpamt_lock(
          *this,
          {.name = "dpamt_lock", .doc = "the spinlock of all ranges", .rank = 10, .guard = "dpamt_lock"},
          false),
      count(variable("pamt_refcount", dsl::integer(-2, users + 2),
                     choose(form == "landed" || form == "rfc", 0, -1), "the range's count")),
      references(variable("has_reference", user, dsl::boolean(), false, "it has got and not yet put")),
      in_hand(variable("pair_in_hand", user, dsl::boolean(), false,
                       "a page pair from the allocator, or back from the module")),
      pairs(variable("pairs", dsl::integer(0, users + 2), 0, "taken from the allocator and not given back")),
      pamt_present(variable("pamt_present", dsl::boolean(), false, "the range's PAMT entry is PT_PAMT")),
      page_mapped(variable("page_mapped", user, dsl::boolean(), false, "the user's page is a TD's")),
      pamt_2m_readers(variable("PAMT_2M.readers", dsl::integer(0, users), 0)),
      pamt_2m_exclusive(variable("PAMT_2M.exclusive", dsl::boolean(), false)),
      pamt_2m(lock({.name = "PAMT_2M", .kind = model::LockKind::sharex_hp, .module = true})) {}

// Where the scheme is broken the count drifts; at the ends of its range it stays.
Expr DynamicPamt::more(const Expr& n) const { return choose(n == users + 2, users + 2, n + 1); }
Expr DynamicPamt::fewer(const Expr& n) const { return choose(n == -2, -2, n - 1); }

// ---- tdx.c (core) ----

void DynamicPamt::alloc_pamt_array(Task& k) {
  auto& t = k.t;
  t.function("alloc_pamt_array", [&] {
    t.one_of({[&] {
                t.step("a page pair")
                    .set(in_hand[k.self], true)
                    .set(pairs, choose(pairs == users + 2, users + 2, pairs + 1));
              },
              [&] { t.step("-ENOMEM").when(alloc_fails).set(k.failed, true).fair(Fairness::none); }});
  });
}

void DynamicPamt::free_pamt_array(Task& k) {
  k.t.function("free_pamt_array", [&] {
    k.t.step("the pair goes back to the allocator")
        .set(in_hand[k.self], false)
        .set(pairs, choose(pairs == 0, 0, pairs - 1))
        .asserts("no_bad_free", in_hand[k.self], "only pages that the host owns are freed");
  });
}

void DynamicPamt::tdx_pamt_get(Task& k) {
  k.t.function("tdx_pamt_get", [&] {
    k.t.operation("get", [&] {
      when(form == "landed").then([&] { get_landed(k); });
      when(form == "rfc").then([&] { get_rfc(k); });
      when(form == "kai" || form == "kai_dec" || form == "kai_mark_first").then([&] { get_kai(k); });
    });
  });
}

void DynamicPamt::tdx_pamt_put(Task& k) {
  k.t.function("tdx_pamt_put", [&] {
    k.t.operation("put", [&] {
      when(form == "landed").then([&] { put_landed(k); });
      when(form == "rfc").then([&] { put_rfc(k); });
      when(form == "kai" || form == "kai_dec" || form == "kai_mark_first").then([&] { put_kai(k); });
    });
  });
}

// Under the lock, the pair in hand. Ends with the lock dropped and no pair in hand.
void DynamicPamt::add_pages(Task& k, const Expr& accepts_range_not_free, const Expr& first) {
  auto& t = k.t;
  phymem_pamt_add(k);
  t.check("no_unexpected_status",
          k.rax == "SUCCESS" || (accepts_range_not_free && k.rax == "TDX_HPA_RANGE_NOT_FREE"),
          "TDH.PHYMEM.PAMT.ADD answers what the caller expects");
  when(k.rax == "SUCCESS" || (accepts_range_not_free && k.rax == "TDX_HPA_RANGE_NOT_FREE"))
      .then([&] {
        t.step("atomic_set(pamt_refcount), the first user").set(count, first).set(references[k.self], true);
      })
      .otherwise([&] { t.let(k.failed, true); });
  dpamt_lock.unlock(t);
  when(k.rax != "SUCCESS").then([&] { free_pamt_array(k); });
  t.let(k.rax, "SUCCESS");
}

// Under the lock. `removed` is done under it where REMOVE succeeds; ends with the lock dropped.
void DynamicPamt::remove_pages(Task& k, const dsl::Body& removed) {
  auto& t = k.t;
  phymem_pamt_remove(k);
  t.check("no_unexpected_status", k.rax == "SUCCESS", "TDH.PHYMEM.PAMT.REMOVE succeeds");
  when(k.rax == "SUCCESS").then(removed);
  dpamt_lock.unlock(t);
  when(k.rax == "SUCCESS" || failed_remove == "free").then([&] { free_pamt_array(k); });
  t.let(k.rax, "SUCCESS");
}

void DynamicPamt::get_landed(Task& k) {
  auto& t = k.t;
  t.function("get_landed", [&] {
    alloc_pamt_array(k);
    when(k.failed).then([&] { t.return_(); });
    dpamt_lock.lock(t);
    t.step("atomic_inc_not_zero(pamt_refcount)")
        .set(k.seen, count > 0)
        .set_if(count > 0, count, more(count))
        .set_if(count > 0, references[k.self], true);
    when(k.seen)
        .then([&] {
          dpamt_lock.unlock(t);
          free_pamt_array(k);
        })
        .otherwise([&] { add_pages(k, false, 1); });
    t.let(k.seen, false);
  });
}

void DynamicPamt::put_landed(Task& k) {
  auto& t = k.t;
  t.function("put_landed", [&] {
    dpamt_lock.lock(t);
    t.step("atomic_read(pamt_refcount) > 1").set(k.seen, count > 1);
    when(k.seen)
        .then([&] {
          t.step("atomic_dec(pamt_refcount)").set(count, fewer(count)).set(references[k.self], false);
          dpamt_lock.unlock(t);
        })
        .otherwise([&] {
          remove_pages(k, [&] {
            t.step("atomic_set(pamt_refcount, 0)").set(count, 0).set(references[k.self], false);
          });
          when(references[k.self]).then([&] {
            t.step("the pair is leaked, the count stays").set(references[k.self], false);
          });
        });
    t.let(k.seen, false);
  });
}

void DynamicPamt::get_rfc(Task& k) {
  auto& t = k.t;
  t.function("get_rfc", [&] {
    t.step("atomic_inc_not_zero(pamt_refcount)")
        .set(k.seen, count > 0)
        .set_if(count > 0, count, more(count))
        .set_if(count > 0, references[k.self], true);
    when(k.seen).then([&] {
      t.let(k.seen, false);
      t.return_();
    });
    alloc_pamt_array(k);
    when(k.failed).then([&] { t.return_(); });
    dpamt_lock.lock(t);
    t.relying_on("recheck_in_get", "whoever was first has added the pair already",
                 [&] { t.step("atomic_read(pamt_refcount)").set(k.seen, count != 0); });
    when(k.seen)
        .then([&] {
          t.step("atomic_inc(pamt_refcount)").set(count, more(count)).set(references[k.self], true);
          dpamt_lock.unlock(t);
          free_pamt_array(k);
        })
        .otherwise([&] { add_pages(k, true, 1); });
    t.let(k.seen, false);
  });
}

void DynamicPamt::put_rfc(Task& k) {
  auto& t = k.t;
  t.function("put_rfc", [&] {
    t.step("atomic_dec_and_test(pamt_refcount)")
        .set(count, fewer(count))
        .set(references[k.self], false)
        .set(k.seen, count != 1);
    when(k.seen).then([&] {
      t.let(k.seen, false);
      t.return_();
    });
    dpamt_lock.lock(t);
    t.relying_on("recheck_in_put", "somebody may have got the range meanwhile",
                 [&] { t.step("atomic_read(pamt_refcount)").set(k.seen, count != 0); });
    when(k.seen).then([&] { dpamt_lock.unlock(t); }).otherwise([&] { remove_pages(k, [] {}); });
    t.let(k.seen, false);
  });
}

// -1: no pair; n: n + 1 users.
void DynamicPamt::get_kai(Task& k) {
  auto& t = k.t;
  t.function("get_kai", [&] {
    t.step("atomic_inc_unless_negative(pamt_refcount)")
        .set(k.seen, count >= 0)
        .set_if(count >= 0, count, more(count))
        .set_if(count >= 0, references[k.self], true);
    when(k.seen).then([&] {
      t.let(k.seen, false);
      t.return_();
    });
    alloc_pamt_array(k);
    when(k.failed).then([&] { t.return_(); });
    dpamt_lock.lock(t);
    t.relying_on("recheck_in_get", "whoever was first has added the pair already", [&] {
      t.step("atomic_inc_unless_negative(pamt_refcount)")
          .set(k.seen, count >= 0)
          .set_if(count >= 0, count, more(count))
          .set_if(count >= 0, references[k.self], true);
    });
    when(k.seen)
        .then([&] {
          dpamt_lock.unlock(t);
          free_pamt_array(k);
        })
        .otherwise([&] { add_pages(k, false, 0); });
    t.let(k.seen, false);
  });
}

void DynamicPamt::put_kai(Task& k) {
  auto& t = k.t;
  const Expr mark_first = form == "kai_mark_first";
  t.function("put_kai", [&] {
    t.step("atomic_dec_if_positive(pamt_refcount)")
        .set(k.seen, count > 0)
        .set_if(count > 0, count, fewer(count))
        .set_if(count > 0, references[k.self], false);
    when(k.seen).then([&] {
      t.let(k.seen, false);
      t.return_();
    });
    dpamt_lock.lock(t);
    t.relying_on("recheck_in_put", "somebody may have got the range meanwhile", [&] {
      when(form == "kai").then([&] {
        t.step("atomic_read(pamt_refcount) > 0")
            .set(k.seen, count > 0)
            .set_if(count > 0, references[k.self], false);
      });
      when(form == "kai_dec").then([&] {
        t.step("atomic_dec_if_positive(pamt_refcount)")
            .set(k.seen, count > 0)
            .set_if(count > 0, count, fewer(count))
            .set_if(count > 0, references[k.self], false);
      });
      when(mark_first).then([&] {
        t.step("atomic_dec_return(pamt_refcount) >= 0")
            .set(k.seen, count > 0)
            .set(count, fewer(count))
            .set(references[k.self], false);
      });
    });
    when(k.seen).then([&] { dpamt_lock.unlock(t); }).otherwise([&] {
      remove_pages(k, [&] {
        when(!mark_first).then([&] { t.step("atomic_set(pamt_refcount, -1)").set(count, -1); });
      });
    });
    t.let(k.seen, false);
  });
}

// ---- tdx.c (KVM) ----

// A fault. BUSY is answered by another fault, which begins anew.
void DynamicPamt::tdx_sept_set_private_spte(Task& k) {
  auto& t = k.t;
  t.function("tdx_sept_set_private_spte", [&] {
    tdx_pamt_get(k);
    when(k.failed).then([&] { t.return_(); });
    mem_page_aug(k);
    t.check("no_kvm_bug", k.rax == "SUCCESS" || k.rax == "TDX_OPERAND_BUSY",
            "KVM_BUG_ON: TDH.MEM.PAGE.AUG fails, the range has no page pair");
    when(k.rax != "SUCCESS").then([&] {
      t.let(k.rax, "SUCCESS");
      tdx_pamt_put(k);
      t.let(k.failed, true);
    });
  });
}

void DynamicPamt::tdx_sept_remove_private_spte(Task& k) {
  k.t.function("tdx_sept_remove_private_spte", [&] {
    mem_page_remove(k);
    tdx_pamt_put(k);
  });
}

} // namespace tdxcheck::protocols
