// SPDX-License-Identifier: GPL-2.0-or-later

// The life of the TDP MMU's roots in a TD. Each vCPU has two: the direct root (shared memory, mmu->root.hpa)
// and the mirror root (private memory, mmu->mirror_root_hpa; the S-EPT root that it mirrors lives as long as
// the TD). A root is shared by the vCPUs; it counts one reference per vCPU that has it loaded and one that
// the TDP MMU itself owns, which whoever invalidates the root passes on to the zapper. The last put unlinks
// it and frees it behind RCU.
//
// THE QUESTION. "Re: [PATCH v3 13/17] KVM: x86/tdp_mmu: Support mirror root for TDP MMU" (June 2024): the
// reload path allocates both roots whenever root.hpa is invalid, but drops only root.hpa; the mirror root
// goes when the vCPU does. Yan Zhao: each further reload then takes one more reference that nobody puts, for
// instance after memory was hot-plugged and unplugged until the memslot generation wrapped and every direct
// root was invalidated. Rick Edgecombe: can the allocation leave the reload path instead, to match the
// teardown? Yan: each vCPU still has to hold a reference. So what reload looks at (`reload_checks`), when
// each root is allocated
// (`mirror_alloc`, `direct_alloc`), who is invalidated (`invalidates`) and how the end is reached (`zap_all`,
// `uninit_zaps`) are parameters.
//
// The second question is about progress: a fault on an obsolete root is answered with RETRY, so whoever
// repeats a fault must reload in between (`reload_frees_obsolete`, `retries_reload`, `local_retry`).
//
// SOURCES. The thread above (25 and 26 June 2024) and its series; v19 (February 2024) for the older form;
// arch/x86/kvm/mmu/tdp_mmu.c and mmu.c of about 6.18, kvm_tdp_mmu_alloc_root, kvm_tdp_mmu_put_root,
// kvm_tdp_mmu_invalidate_roots, kvm_tdp_mmu_zap_invalidated_roots, kvm_mmu_zap_all_fast, is_page_fault_stale,
// kvm_tdp_page_prefault, kvm_mmu_reload; 20a6cff3b283 (March 2025) for the check of obsolete roots in reload.
//
// THREADS
//   vcpu[v]    a user thread: KVM_CREATE_VCPU once (in the forms that allocate there it may fail, and the
//   vCPU is
//              destroyed at once), then KVM_RUN, KVM_PRE_FAULT_MEMORY and a reset of the MMU as the switches
//              allow, for ever, and one close; or it stops anywhere between two of these. In the guest it
//              faults on a private or a shared address, or exits for another reason.
//   memslots   changes memslots `memslot_changes` times, each time with the generation wrapping to 0, so that
//              kvm_mmu_zap_all_fast() runs; or fewer times; then it closes the VM fd.
//   T0         destroys the VM, once, when every fd is closed.
//   tdp_mmu_free_sp  the RCU callback that frees roots, for ever.
//
// LEFT OUT. Page tables below the root: a root is populated or not. Cached previous roots. Yielding inside a
// zap; the zapper's iterator puts a root before it looks for the next one instead of after. With
// reload_frees_obsolete the look at the request in vcpu_enter_guest(), which the one in kvm_mmu_reload()
// follows at once. A signal or a pending event ends a retry loop, but may never come. The last look at
// requests between IRQs off and VM entry, which only makes a vCPU reload earlier. slots_lock, as one thread
// changes memslots. The memslots themselves and kvm->srcu (memslot_delete has them): a reader that comes
// after synchronize_srcu() is enough here. The failure of allocations. mmu_valid_gen, which TDP MMU roots do
// not have. Barriers: memory is sequentially consistent.

#include "protocols/mirror_root/mirror_root.h"

namespace tdxcheck::protocols {

using dsl::choose;
using dsl::Expr;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

MirrorRoot::MirrorRoot()
    : Protocol("mirror_root", "Mirror and direct roots of a TD: load, reload, invalidate, free, destroy"),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPUs of the VM")),
      memslot_changes(integer_parameter("memslot_changes", 1, 0, 2,
                                        "memslot changes with which the memslot generation wraps")),
      runs(bool_parameter("runs", true, "vCPU threads may issue KVM_RUN")),
      faults(bool_parameter("faults", true, "the guest may fault")),
      prefault(bool_parameter("prefault", false, "vCPU threads may issue KVM_PRE_FAULT_MEMORY")),
      resets(bool_parameter("resets", false,
                            "vCPU threads may reset their MMU (KVM_SET_CPUID2): root.hpa is freed")),
      reload_checks(enum_parameter("reload_checks", {"root", "both_roots"},
                                   "what must be valid for kvm_mmu_reload() to leave things as they are")),
      mirror_alloc(enum_parameter(
          "mirror_alloc", {"load_if_invalid", "load_always", "create", "create_without_reference"},
          "when a vCPU gets its mirror root: with each load, or once when it is created")),
      direct_alloc(enum_parameter("direct_alloc", {"always", "if_invalid"},
                                  "whether a load allocates a direct root where there is one")),
      reload_frees_obsolete(bool_parameter(
          "reload_frees_obsolete", true, "kvm_mmu_reload() looks for KVM_REQ_MMU_FREE_OBSOLETE_ROOTS first")),
      retries_reload(
          bool_parameter("retries_reload", false,
                         "a fault that is retried without leaving the kernel reloads before each try")),
      local_retry(bool_parameter(
          "local_retry", true, "a fault on a private address is retried inside tdx_handle_ept_violation()")),
      invalidates(
          enum_parameter("invalidates", {"direct", "all"}, "roots that kvm_mmu_zap_all_fast() invalidates")),
      zap_all(enum_parameter("zap_all", {"direct", "all"}, "roots that the MMU notifier's release zaps")),
      uninit_zaps(enum_parameter("uninit_zaps", {"write", "read"},
                                 "how mmu_lock is held while the last roots are zapped")),
      vcpu(index_set("vcpu", vcpus)),
      root(index_set("root", (memslot_changes + 1) * choose(invalidates == "all", 2, 1) +
                                 choose(invalidates == "all", 0, 1))),
      gpa(index_set("gpa", 2)),
      tdp_mmu_pages_lock(*this,
                         {.name = "tdp_mmu_pages_lock",
                          .doc = "kvm->arch.tdp_mmu_pages_lock: the list of roots",
                          .rank = 30,
                          .guard = "tdp_mmu_pages_lock"},
                         false),
      mmu_lock(*this, {.name = "mmu_lock", .doc = "kvm->mmu_lock", .rank = 20, .guard = "mmu_lock"},
               vcpus + 2, 2),
      rcu(*this, {.name = "rcu", .doc = "readers of the list of roots", .guard = "rcu_read_lock"},
          {{"memslots"}, {"T0"}}, {}, {}, {"tdp_mmu_free_sp"}, "grace_period"),
      allocated(variable("allocated", root, dsl::boolean(), false, "the root's page exists")),
      listed(
          variable("tdp_mmu_roots", root, dsl::boolean(), false, "the root is on kvm->arch.tdp_mmu_roots")),
      mirror(variable("role.is_mirror", root, dsl::boolean(), false)),
      invalid(variable("role.invalid", root, dsl::boolean(), false)),
      scheduled_to_zap(variable("scheduled_to_zap", root, dsl::boolean(), false)),
      populated(variable("populated", root, dsl::boolean(), false, "there are present SPTEs below the root")),
      refcount(variable("refcount", root, dsl::integer(0, vcpus + 4), 0, "tdp_mmu_root_count; it saturates")),
      gifted(
          variable("gift", root, dsl::boolean(), false, "the reference that the TDP MMU or the zapper owns")),
      root_hpa(variable("root.hpa", vcpu, dsl::optional_index(root), dsl::none())),
      mirror_root_hpa(variable("mirror_root_hpa", vcpu, dsl::optional_index(root), dsl::none())),
      free_obsolete_roots(variable("KVM_REQ_MMU_FREE_OBSOLETE_ROOTS", vcpu, dsl::boolean(), false)),
      fd_open(variable("vcpu_fd_open", vcpu, dsl::boolean(), true)),
      iterator(variable("iterator", dsl::optional_index(root), dsl::none(),
                        "the root that a zapper has reached and refers to")),
      hkid_assigned(variable("hkid_assigned", dsl::boolean(), true, "kvm_tdx->hkid > 0")),
      vm_fd_open(variable("vm_fd_open", dsl::boolean(), true)),
      destroyed(variable("vm_destroyed", dsl::boolean(), false)),
      freed_roots(rcu.objects_to_free(*this, "tdp_mmu_free_sp", root)) {}

Expr MirrorRoot::usable(const Expr& r, Kind kind) const {
  return listed[r] && !invalid[r] && (kind == Kind::mirror ? Expr(mirror[r]) : !mirror[r]);
}

// What the vCPU's thread knows of its own fields without a step.
Variable MirrorRoot::has_root(Thread& t) const { return t.scratch("has_root", dsl::boolean(), false); }
Variable MirrorRoot::has_mirror(Thread& t) const { return t.scratch("has_mirror", dsl::boolean(), false); }

// ---- tdp_mmu.c ----

// The first look and the taking of a reference are one step: under mmu_lock a valid root stays valid. The
// vCPU's own field is written in the step that takes the reference, not after mmu_lock is dropped: nobody
// else reads it.
void MirrorRoot::kvm_tdp_mmu_alloc_root(Thread& t, const Expr& v, Kind kind) {
  const bool is_mirror = kind == Kind::mirror;
  const Expr counted = Expr(!is_mirror) || mirror_alloc != "create_without_reference";
  const Expr none_usable = !dsl::exists(root, "r", [&](const Expr& r) { return usable(r, kind); });
  const Variable hpa = is_mirror ? mirror_root_hpa[v] : root_hpa[v];
  const auto store = [&](dsl::StepWords& step, const Expr& r) {
    step.set(hpa, r).set(is_mirror ? has_mirror(t) : has_root(t), true);
    if (is_mirror) {
      step.asserts("mirror_root_is_kept", is_none(hpa) || hpa == r,
                   "a vCPU's mirror root is the same from its first load on");
    }
  };
  const auto take_existing = [&](const Expr& possible) {
    t.step("an existing root").some(root, "r", [&](auto& step, const Expr& r) {
      step.when(possible && usable(r, kind))
          .set(refcount[r], choose(!counted || refcount[r] == vcpus + 4, refcount[r], refcount[r] + 1))
          .asserts("no_use_after_free", allocated[r], "a listed root was not freed")
          .asserts("no_kvm_bug", refcount[r] > 0, "WARN: a valid root has no reference");
      store(step, r);
    });
  };
  t.function("kvm_tdp_mmu_alloc_root", [&] {
    mmu_lock.read_lock(t);
    t.one_of({[&] { take_existing(true); },
              [&] {
                t.step("no root with this role is on the list").when(none_usable);
                tdp_mmu_pages_lock.lock(t);
                t.one_of({[&] { take_existing(dsl::kept("rescan")); },
                          [&] {
                            t.step("still none")
                                .relies_on("rescan", none_usable,
                                           "the list is searched again under tdp_mmu_pages_lock");
                            t.step("list_add_rcu(&root->link, &tdp_mmu_roots)")
                                .some(root, "r", [&](auto& step, const Expr& r) {
                                  step.when(!allocated[r] && dsl::for_all(root, "lower",
                                                                          [&](const Expr& lower) {
                                                                            return implies(lower < r,
                                                                                           allocated[lower]);
                                                                          }))
                                      .set(allocated[r], true)
                                      .set(listed[r], true)
                                      .set(mirror[r], is_mirror)
                                      .set(invalid[r], false)
                                      .set(refcount[r], choose(counted, 2, 1))
                                      .set(gifted[r], true);
                                  store(step, r);
                                });
                          }});
                tdp_mmu_pages_lock.unlock(t);
              }});
    mmu_lock.read_unlock(t);
  });
}

// Under mmu_lock. The reference's place is emptied in the step that drops it: it belongs to the caller alone.
// The root is given to call_rcu() where it is unlinked, not after the spinlock; its grace period is a step of
// its own.
void MirrorRoot::kvm_tdp_mmu_put_root(Thread& t, const Reference& reference) {
  const Variable dying = t.scratch("dying", dsl::optional_index(root), dsl::none());
  t.function("kvm_tdp_mmu_put_root", [&] {
    t.step("refcount_dec_and_test(&root->tdp_mmu_root_count)")
        .some(root, "r", [&](auto& step, const Expr& r) {
          step.when(reference.to(r))
              .set(refcount[r], choose(refcount[r] == vcpus + 4, vcpus + 4, refcount[r] - 1))
              .set(dying, only_if(refcount[r] == 1, r))
              .asserts("no_use_after_free", allocated[r], "the root whose reference is put was not freed")
              .asserts("no_kvm_bug", refcount[r] != 1 || invalid[r],
                       "KVM_BUG_ON: the last reference of a valid root is put");
          reference.forget(step, r);
        });
    when(is_none(dying)).then([&] { t.return_(); });
    tdp_mmu_pages_lock.lock(t);
    t.step("list_del_rcu(&root->link); call_rcu()").some(root, "r", [&](auto& step, const Expr& r) {
      step.when(dying == r)
          .set(dying, dsl::none())
          .set(listed[r], false)
          .asserts("no_use_after_free", !freed_roots.pending(r), "a root is given to call_rcu() once");
      freed_roots.call(step, r);
    });
    tdp_mmu_pages_lock.unlock(t);
  });
}

void MirrorRoot::kvm_tdp_mmu_invalidate_roots(Thread& t, const Expr& mirrors_too) {
  const auto hit = [&](const Expr& r) { return listed[r] && !invalid[r] && (mirrors_too || !mirror[r]); };
  t.function("kvm_tdp_mmu_invalidate_roots", [&] {
    t.forever([&] {
      t.one_of({[&] {
                  t.step("root->role.invalid = true").some(root, "r", [&](auto& step, const Expr& r) {
                    step.when(hit(r)).set(scheduled_to_zap[r], true).set(invalid[r], true);
                  });
                },
                [&] {
                  t.step("no valid root of these types is left").when(!dsl::exists(root, "r", hit));
                  t.leave_loop();
                }});
    });
  });
}

// The iterator visits the roots in the order of their numbers; it refers to the one that it is at.
void MirrorRoot::kvm_tdp_mmu_zap_invalidated_roots(Thread& t, const Expr& shared) {
  const Variable at = t.scratch("at", dsl::index(root), 0);
  const Variable begun = t.scratch("begun", dsl::boolean(), false),
                 got = t.scratch("got", dsl::boolean(), false);
  const auto is_next = [&](const Expr& r) { return listed[r] && (!begun || at < r); };
  t.function("kvm_tdp_mmu_zap_invalidated_roots", [&] {
    when(shared).then([&] { mmu_lock.read_lock(t); }).otherwise([&] { mmu_lock.write_lock(t); });
    t.forever([&] {
      rcu.read_lock(t);
      t.one_of({[&] {
                  t.step("list_next_or_null_rcu() is a root").some(root, "r", [&](auto& step, const Expr& r) {
                    step.when(is_next(r) &&
                              !dsl::exists(root, "lower",
                                           [&](const Expr& lower) { return is_next(lower) && lower < r; }))
                        .set(at, r)
                        .set(begun, true);
                  });
                },
                [&] {
                  t.step("list_next_or_null_rcu() is null")
                      .when(!dsl::exists(root, "r", is_next))
                      .set(at, 0)
                      .set(begun, false);
                  rcu.read_unlock(t);
                  t.leave_loop();
                }});
      t.step("refcount_inc_not_zero(&root->tdp_mmu_root_count)")
          .set(iterator, only_if(refcount[at] > 0, at))
          .set_if(refcount[at] > 0, refcount[at],
                  choose(refcount[at] == vcpus + 4, refcount[at], refcount[at] + 1))
          .set(got, refcount[at] > 0)
          .asserts("no_use_after_free", allocated[at], "the root that the iterator reaches was not freed");
      rcu.read_unlock(t);
      when(got).then([&] {
        t.let(got, false);
        t.one_of({[&] { t.step("it is not scheduled to be zapped").when(!scheduled_to_zap[at]); },
                  [&] {
                    t.step("tdp_mmu_scheduled_root_to_zap = false")
                        .when(scheduled_to_zap[at])
                        .set(scheduled_to_zap[at], false)
                        .asserts("no_kvm_bug", invalid[at],
                                 "KVM_BUG_ON: a valid root is scheduled to be zapped");
                    tdp_mmu_zap_root(t, at, shared);
                    kvm_tdp_mmu_put_root(t, {[&](const Expr& r) { return r == at && gifted[r]; },
                                             [&](auto& step, const Expr& r) { step.set(gifted[r], false); }});
                  }});
        kvm_tdp_mmu_put_root(t, {[&](const Expr& r) { return iterator == r; },
                                 [&](auto& step, const Expr&) { step.set(iterator, dsl::none()); }});
      });
    });
    when(shared).then([&] { mmu_lock.read_unlock(t); }).otherwise([&] { mmu_lock.write_unlock(t); });
  });
}

// Zaps what is below the root. A mirror cannot be zapped atomically, under mmu_lock for read; and its page
// tables go back to the host only when the HKID was released (tdx_sept_free_private_spt).
void MirrorRoot::tdp_mmu_zap_root(Thread& t, const Expr& r, const Expr& shared) {
  t.function("tdp_mmu_zap_root", [&] {
    t.step("zap every SPTE below the root")
        .set(populated[r], false)
        .asserts("no_kvm_bug", !(shared && populated[r] && mirror[r]),
                 "KVM_BUG_ON: SPTEs of a mirror are zapped under mmu_lock for read")
        .asserts("no_kvm_bug", !(populated[r] && mirror[r] && hkid_assigned),
                 "KVM_BUG_ON: page tables of a mirror are freed although the HKID is assigned");
  });
}

// kvm_mmu_zap_all(), from the release of the MMU notifier.
void MirrorRoot::kvm_tdp_mmu_zap_all(Thread& t) {
  t.function("kvm_tdp_mmu_zap_all", [&] {
    mmu_lock.write_lock(t);
    t.for_each(root, "zapped_at_exit", [&](const Expr& r) {
      when(listed[r] && (zap_all == "all" || !mirror[r])).then([&] { tdp_mmu_zap_root(t, r, false); });
    });
    mmu_lock.write_unlock(t);
  });
}

void MirrorRoot::kvm_mmu_uninit_tdp_mmu(Thread& t) {
  t.function("kvm_mmu_uninit_tdp_mmu", [&] {
    t.relying_on("invalidate_at_uninit", "every root is invalidated, so that the TDP MMU's reference is put",
                 [&] { kvm_tdp_mmu_invalidate_roots(t, true); });
    kvm_tdp_mmu_zap_invalidated_roots(t, uninit_zaps == "read");
    t.step("WARN_ON(!list_empty(&kvm->arch.tdp_mmu_roots))")
        .asserts("no_warning", !dsl::exists(root, "r", [&](const Expr& r) { return listed[r]; }),
                 "WARN: the list of roots is not empty at the end");
    t.relying_on("rcu_barrier", "the callbacks have run before the VM's memory goes",
                 [&] { freed_roots.barrier(t); });
  });
}

// One page below the root that the address belongs to.
void MirrorRoot::kvm_tdp_mmu_map(Thread& t, const Expr& v, const Expr& is_private) {
  t.function("kvm_tdp_mmu_map", [&] {
    const auto map = [&](const Variable& hpa) {
      t.step("install the SPTE").some(root, "r", [&](auto& step, const Expr& r) {
        step.when(hpa == r)
            .set(populated[r], true)
            .asserts("no_use_after_free", allocated[r], "the root that is walked was not freed")
            .asserts("maps_only_valid_roots", !invalid[r], "nothing is mapped below an invalid root");
      });
    };
    when(is_private).then([&] { map(mirror_root_hpa[v]); }).otherwise([&] { map(root_hpa[v]); });
  });
}

} // namespace tdxcheck::protocols
