// SPDX-License-Identifier: GPL-2.0-or-later

// mirror_root: the functions of mmu.c, x86.c, tdx.c and kvm_main.c. The essay is at the head of
// mirror_root.cpp.

#include "protocols/mirror_root/mirror_root.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;
using model::Fairness;

// ---- mmu.c, mmu.h ----

void MirrorRoot::mmu_alloc_direct_roots(Thread& t, const Expr& v) {
  t.function("mmu_alloc_direct_roots", [&] {
    when(mirror_alloc == "load_always").then([&] { kvm_tdp_mmu_alloc_root(t, v, Kind::mirror); });
    when(mirror_alloc == "load_if_invalid").then([&] {
      when(!has_mirror(t)).then([&] { kvm_tdp_mmu_alloc_root(t, v, Kind::mirror); });
    });
    when(direct_alloc == "if_invalid").then([&] { when(has_root(t)).then([&] { t.return_(); }); });
    kvm_tdp_mmu_alloc_root(t, v, Kind::direct);
  });
}

void MirrorRoot::kvm_mmu_load(Thread& t, const Expr& v) {
  t.function("kvm_mmu_load", [&] { mmu_alloc_direct_roots(t, v); });
}

void MirrorRoot::kvm_mmu_reload(Thread& t, const Expr& v) {
  t.function("kvm_mmu_reload", [&] {
    when(reload_frees_obsolete).then([&] { check_request(t, v); });
    when(has_root(t) && (reload_checks == "root" || has_mirror(t))).then([&] { t.return_(); });
    kvm_mmu_load(t, v);
  });
}

// kvm_check_request(KVM_REQ_MMU_FREE_OBSOLETE_ROOTS, vcpu)
void MirrorRoot::check_request(Thread& t, const Expr& v) {
  t.one_of({[&] { t.step("KVM_REQ_MMU_FREE_OBSOLETE_ROOTS is not pending").when(!free_obsolete_roots[v]); },
            [&] {
              t.step("KVM_REQ_MMU_FREE_OBSOLETE_ROOTS is pending")
                  .when(free_obsolete_roots[v])
                  .set(free_obsolete_roots[v], false);
              kvm_mmu_free_obsolete_roots(t, v);
            }});
}

Expr MirrorRoot::has_obsolete_root(const Expr& v) const {
  return dsl::exists(root, "r", [&](const Expr& r) { return root_hpa[v] == r && invalid[r]; });
}

void MirrorRoot::kvm_mmu_free_obsolete_roots(Thread& t, const Expr& v) {
  t.function("kvm_mmu_free_obsolete_roots",
             [&] { when(has_obsolete_root(v)).then([&] { kvm_mmu_free_roots(t, v); }); });
}

// root.hpa, which is valid; mirror_root_hpa stays.
void MirrorRoot::kvm_mmu_free_roots(Thread& t, const Expr& v) {
  const bool own = t.builder().thread().name == "vcpu";
  t.function("kvm_mmu_free_roots", [&] {
    mmu_lock.read_lock(t);
    kvm_tdp_mmu_put_root(t, {[&](const Expr& r) { return root_hpa[v] == r; },
                             [&](auto& step, const Expr&) {
                               step.set(root_hpa[v], dsl::none());
                               if (own) step.set(has_root(t), false);
                             }});
    mmu_lock.read_unlock(t);
  });
}

void MirrorRoot::kvm_mmu_unload(Thread& t, const Expr& v) {
  t.function("kvm_mmu_unload", [&] { when(is_some(root_hpa[v])).then([&] { kvm_mmu_free_roots(t, v); }); });
}

void MirrorRoot::kvm_mmu_create(Thread& t, const Expr& v) {
  t.function("kvm_mmu_create", [&] {
    when(mirror_alloc == "create" || mirror_alloc == "create_without_reference").then([&] {
      kvm_tdp_mmu_alloc_root(t, v, Kind::mirror);
    });
  });
}

void MirrorRoot::kvm_mmu_destroy(Thread& t, const Expr& v) {
  t.function("kvm_mmu_destroy", [&] {
    kvm_mmu_unload(t, v);
    when(is_none(mirror_root_hpa[v])).then([&] { t.return_(); });
    when(mirror_alloc == "create_without_reference")
        .then([&] { t.step("mirror_root_hpa = INVALID_PAGE").set(mirror_root_hpa[v], dsl::none()); })
        .otherwise([&] {
          mmu_lock.read_lock(t);
          kvm_tdp_mmu_put_root(t,
                               {[&](const Expr& r) { return mirror_root_hpa[v] == r; },
                                [&](auto& step, const Expr&) { step.set(mirror_root_hpa[v], dsl::none()); }});
          mmu_lock.read_unlock(t);
        });
  });
}

void MirrorRoot::kvm_mmu_zap_all_fast(Thread& t) {
  t.function("kvm_mmu_zap_all_fast", [&] {
    t.region("zapping_all_fast", [&] {
      t.region("invalidating", [&] {
        mmu_lock.write_lock(t);
        kvm_tdp_mmu_invalidate_roots(t, invalidates == "all");
        t.relying_on("request", "every vCPU is asked to free its obsolete roots", [&] {
          t.for_each(vcpu, "requested", [&](const Expr& v) {
            t.step("kvm_make_request(KVM_REQ_MMU_FREE_OBSOLETE_ROOTS)").set(free_obsolete_roots[v], true);
          });
        });
        mmu_lock.write_unlock(t);
      });
      kvm_tdp_mmu_zap_invalidated_roots(t, true);
    });
  });
}

// Whatever the address, it is root.hpa that says whether the fault is stale.
void MirrorRoot::kvm_tdp_mmu_page_fault(Thread& t, const Expr& v, const Expr& is_private,
                                        const Variable& retry) {
  t.function("kvm_tdp_mmu_page_fault", [&] {
    mmu_lock.read_lock(t);
    t.relying_on("is_page_fault_stale", "a fault on an obsolete root is retried",
                 [&] { t.step("is_page_fault_stale()").set(retry, has_obsolete_root(v)); });
    when(!retry).then([&] { kvm_tdp_mmu_map(t, v, is_private); });
    mmu_lock.read_unlock(t);
  });
}

// With kvm_tdp_page_prefault(), whose loop it is.
void MirrorRoot::kvm_arch_vcpu_pre_fault_memory(Thread& t, const Expr& v, const Variable& is_private,
                                                const Variable& retry) {
  t.function("kvm_arch_vcpu_pre_fault_memory", [&] {
    kvm_mmu_reload(t, v);
    t.operation("prefault", [&] {
      t.loop("prefault").try_and_retry_while(retry, dsl::unlimited, [&] {
        t.let(retry, false);
        t.one_of({[&] { t.step("cond_resched()"); },
                  [&] {
                    t.step("a signal is pending").fair(Fairness::none);
                    t.leave_loop();
                  }});
        when(retries_reload).then([&] { kvm_mmu_reload(t, v); });
        kvm_tdp_mmu_page_fault(t, v, is_private, retry);
      });
    });
    t.let(retry, false);
    t.let(is_private, false);
  });
}

// ---- x86.c ----

// Up to the VM entry.
void MirrorRoot::vcpu_enter_guest(Thread& t, const Expr& v) {
  t.function("vcpu_enter_guest", [&] {
    when(!reload_frees_obsolete).then([&] { check_request(t, v); });
    kvm_mmu_reload(t, v);
    const auto loaded = [&](const Variable& hpa) {
      return dsl::exists(root, "r", [&](const Expr& r) { return hpa == r && allocated[r]; });
    };
    t.step("VM entry")
        .asserts("asked_to_reload",
                 !has_obsolete_root(v) || free_obsolete_roots[v] || dsl::in_region("invalidating"),
                 "a vCPU that enters the guest on an obsolete root was asked to reload it")
        .asserts("enters_with_both_roots", is_some(root_hpa[v]) && is_some(mirror_root_hpa[v]),
                 "a vCPU that enters the guest has both roots")
        .asserts("no_use_after_free", loaded(root_hpa[v]) && loaded(mirror_root_hpa[v]),
                 "the guest runs on roots that were not freed");
  });
}

// Until the guest has had one fault resolved, or exits for another reason. What is not resolved (RETRY) is
// met again after the next VM entry.
void MirrorRoot::vcpu_run(Thread& t, const Expr& v, const Variable& is_private, const Variable& retry) {
  t.function("vcpu_run", [&] {
    t.operation("KVM_RUN", [&] {
      t.loop("vcpu_run").try_and_retry_while(retry, dsl::unlimited, [&] {
        t.let(retry, false);
        vcpu_enter_guest(t, v);
        t.one_of({[&] {
                    t.step("exit: EPT violation, private address").when(faults).set(is_private, true);
                    tdx_handle_ept_violation(t, v, is_private, retry);
                  },
                  [&] {
                    t.step("exit: EPT violation, shared address").when(faults);
                    tdx_handle_ept_violation(t, v, is_private, retry);
                  },
                  [&] { t.step("exit: something else").fair(Fairness::none); }});
        t.let(is_private, false);
      });
    });
  });
}

// ---- tdx.c ----

// RETRY is answered by another try here (local_retry, private addresses) or by the next VM entry.
void MirrorRoot::tdx_handle_ept_violation(Thread& t, const Expr& v, const Variable& is_private,
                                          const Variable& retry) {
  t.function("tdx_handle_ept_violation", [&] {
    t.loop("fault").try_and_retry_while(retry && local_retry && is_private, dsl::unlimited, [&] {
      when(retry).then([&] {
        t.let(retry, false);
        t.one_of({[&] { t.step("cond_resched()"); },
                  [&] {
                    t.step("a signal or an event is pending").set(retry, true).fair(Fairness::none);
                    t.leave_loop();
                  }});
        when(retries_reload).then([&] { kvm_mmu_reload(t, v); });
      });
      kvm_tdp_mmu_page_fault(t, v, is_private, retry);
    });
  });
}

// ---- kvm_main.c ----

// The new memslots are in place and synchronize_srcu() has returned; the generation has wrapped.
void MirrorRoot::kvm_swap_active_memslots(Thread& t) {
  t.function("kvm_swap_active_memslots", [&] { kvm_mmu_zap_all_fast(t); });
}

void MirrorRoot::kvm_destroy_vm(Thread& t) {
  t.function("kvm_destroy_vm", [&] {
    t.step("tdx_mmu_release_hkid()").set(hkid_assigned, false);
    kvm_tdp_mmu_zap_all(t);
    t.for_each(vcpu, "unloaded", [&](const Expr& v) { kvm_mmu_unload(t, v); });
    t.for_each(vcpu, "destroyed_vcpu", [&](const Expr& v) { kvm_mmu_destroy(t, v); });
    kvm_mmu_uninit_tdp_mmu(t);
    t.step("kvm_arch_free_vm()").set(destroyed, true);
  });
}

} // namespace tdxcheck::protocols
