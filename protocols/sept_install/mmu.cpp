// SPDX-License-Identifier: GPL-2.0-or-later

// sept_install: arch/x86/kvm/mmu and guest_memfd. The essay is at the head of sept_install.cpp.

#include "protocols/sept_install/sept_install.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::when;

// From kvm_mmu_faultin_pfn() to the TDP MMU. Invalidations begin and end under mmu_lock held for write, so
// once mmu_lock is held for read the answer of the stale check stays true.
void SeptInstall::kvm_tdp_mmu_page_fault(Task& k) {
  auto& t = k.t;
  const Expr self = t.self();
  // What mmu_seq was is of no interest any more.
  const auto read_unlock = [&] {
    mmu_lock.read_unlock(t, [&](auto& step) { step.set(seq_current, dsl::without(seq_current, self)); });
  };
  t.function("kvm_tdp_mmu_page_fault", [&] {
    t.step("read mmu_invalidate_seq, look up the pfn").set(seq_current, with(seq_current, self));
    mmu_lock.read_lock(t);
    t.relying_on("stale_check", "a fault whose pfn may have been taken away starts again", [&] {
      when(invalidating == k.gfn || !contains(seq_current, self)).then([&] {
        t.let(k.ret, "RET_PF_RETRY");
        read_unlock();
        t.return_();
      });
    });
    kvm_tdp_mmu_map(k);
    read_unlock();
    // Whatever failed, the fault is to be tried again.
    when(k.ret == "-EBUSY" || k.ret == "-EIO").then([&] { t.let(k.ret, "RET_PF_RETRY"); });
  });
}

// The walk from the root, which is always there: one page table, then the page. Without the check FROZEN_SPTE
// is one more value that is not present.
void SeptInstall::kvm_tdp_mmu_map(Task& k) {
  auto& t = k.t;
  const auto retry_unless = [&](const dsl::Body& not_present) {
    when(dsl::kept("frozen_check", "a walk that meets FROZEN_SPTE starts again"))
        .then([&] {
          t.let(k.ret, "RET_PF_RETRY_FROZEN");
          t.return_();
        })
        .otherwise(not_present);
  };
  const auto link = [&](const std::string& old) {
    tdp_mmu_link_sp(k, old);
    when(k.ret != "0").then([&] { t.return_(); });
  };
  const auto map = [&](const std::string& old) { tdp_mmu_map_handle_target_level(k, old); };
  t.function("kvm_tdp_mmu_map", [&] {
    read_spte(
        t, "SPTE of the page table", mirror_table, [&] { retry_unless([&] { link("FROZEN_SPTE"); }); },
        [&] { link("SHADOW_NONPRESENT"); }, [] {});
    read_spte(
        t, "SPTE of the page", mirror_page[k.gfn], [&] { retry_unless([&] { map("FROZEN_SPTE"); }); },
        [&] { map("SHADOW_NONPRESENT"); }, [&] { t.let(k.ret, "RET_PF_SPURIOUS"); });
  });
}

// The new page table is the thread's own until it is linked.
void SeptInstall::tdp_mmu_link_sp(Task& k, const std::string& old) {
  k.t.function("tdp_mmu_link_sp", [&] {
    tdp_mmu_set_spte_atomic(k, {.name = "SPTE of the page table",
                                .spte = mirror_table,
                                .old = old,
                                .external = [&] { tdx_sept_link_private_spt(k); },
                                .publishes = {}});
  });
}

void SeptInstall::tdp_mmu_map_handle_target_level(Task& k, const std::string& old) {
  const Expr current = contains(seq_current, k.t.self()) && invalidating != k.gfn;
  k.t.function("tdp_mmu_map_handle_target_level", [&] {
    tdp_mmu_set_spte_atomic(k, {.name = "SPTE of the page",
                                .spte = mirror_page[k.gfn],
                                .old = old,
                                .external = [&] { tdx_mem_page_aug(k); },
                                .publishes =
                                    [&](auto& step) {
                                      step.asserts("no_stale_pfn", current,
                                                   "no invalidation since the pfn was looked up");
                                    }});
  });
}

// With `freeze` the SPTE is FROZEN_SPTE until the S-EPT has followed; without, it shows its new value at
// once.
void SeptInstall::tdp_mmu_set_spte_atomic(Task& k, const Install& install) {
  auto& t = k.t;
  const auto lost = [&] {
    t.let(k.ret, "-EBUSY");
    t.return_();
  };
  t.function("__tdp_mmu_set_spte_atomic", [&] {
    when(freeze)
        .then([&] { try_cmpxchg(t, install.name, install.spte, install.old, "FROZEN_SPTE", lost); })
        .otherwise([&] {
          try_cmpxchg(t, install.name, install.spte, install.old, "PRESENT", lost, install.publishes);
        });
    set_external_spte_present(k, install);
  });
}

void SeptInstall::set_external_spte_present(Task& k, const Install& install) {
  auto& t = k.t;
  const auto publish = [&] { write_spte(t, install.name, install.spte, "PRESENT", install.publishes); };
  const auto roll_back = [&] { write_spte(t, install.name, install.spte, "SHADOW_NONPRESENT"); };
  t.function("set_external_spte_present", [&] {
    t.region("changes_spte", [&] {
      install.external();
      when(k.ret == "0").then([&] { when(freeze).then(publish); }).otherwise([&] {
        t.relying_on("roll_back", "the SPTE gets its old value back where the SEAMCALL fails",
                     [&] { t.region("rolls_back", roll_back); });
      });
    });
  });
}

// ---- zap ----

// Where zaps hold mmu_lock for write: guest_memfd punches a hole. Where they hold it for read: the TDP MMU
// zaps for a reason of its own, and the page stays in the file.
void SeptInstall::kvm_gmem_punch_hole(Task& k) {
  auto& t = k.t;
  t.function("kvm_gmem_punch_hole", [&] {
    when(zap_lock == "write")
        .then([&] {
          mmu_lock.write_lock(t);
          t.step("kvm_mmu_invalidate_begin").set(invalidating, k.gfn);
          tdp_mmu_zap_leafs(k);
          mmu_lock.write_unlock(t);
          mmu_lock.write_lock(t);
          t.step("kvm_mmu_invalidate_end").set(invalidating, dsl::none()).set(seq_current, dsl::empty_set());
          mmu_lock.write_unlock(t);
        })
        .otherwise([&] {
          mmu_lock.read_lock(t);
          tdp_mmu_zap_spte_atomic(k);
          mmu_lock.read_unlock(t);
        });
  });
}

// Under mmu_lock held for write: nobody else changes an SPTE, none is frozen.
void SeptInstall::tdp_mmu_zap_leafs(Task& k) {
  auto& t = k.t;
  t.function("tdp_mmu_zap_leafs", [&] {
    when(is_shadow_present(mirror_page[k.gfn])).then([&] {
      write_spte(t, "SPTE of the page", mirror_page[k.gfn], "SHADOW_NONPRESENT");
      t.region("zaps", [&] { tdx_sept_remove_private_spte(k); });
    });
  });
}

// Under mmu_lock held for read. The read before the compare-and-exchange decides nothing that it does not.
void SeptInstall::tdp_mmu_zap_spte_atomic(Task& k) {
  auto& t = k.t;
  const auto& spte = mirror_page[k.gfn];
  t.function("tdp_mmu_zap_spte_atomic", [&] {
    t.loop("zap_atomic").forever([&] {
      t.one_of({[&] {
                  t.step("try_cmpxchg64(SPTE of the page, PRESENT, ...)")
                      .when(is_shadow_present(spte))
                      .set(spte,
                           choose(freeze, mirror_spte("FROZEN_SPTE"), mirror_spte("SHADOW_NONPRESENT")));
                  t.region("zaps", [&] {
                    tdx_sept_remove_private_spte(k);
                    when(freeze).then([&] { write_spte(t, "SPTE of the page", spte, "SHADOW_NONPRESENT"); });
                  });
                  t.return_();
                },
                [&] {
                  t.step("SPTE of the page is not present").when(spte == "SHADOW_NONPRESENT");
                  t.return_();
                },
                [&] { t.step("SPTE of the page is FROZEN_SPTE").when(is_frozen(spte)); }});
    });
  });
}

} // namespace tdxcheck::protocols
