// SPDX-License-Identifier: GPL-2.0-or-later

// KVM_TDX_INIT_MEM_REGION copies the first pages of a TD from user memory: it takes the source page, maps the
// private page in the mirror page table and adds it to the TD (TDH.MEM.PAGE.ADD). At the same time user space
// may fault, punch holes, convert pages, unmap memory or finalize the TD; vCPUs fault once it is finalized.
//
// THE QUESTION. The locks, from the outside: [kvm->lock, every vcpu->mutex (6.19)], slots_lock, the filemap
// invalidate lock of the guest_memfd, mmu_lock. Where does mmap_lock go, which taking the source page (GUP)
// may need? Until 6.19 it was taken inside the invalidate lock; once guest_memfd can be mapped, a page fault
// takes the two the other way round. Is that a deadlock, and between whom? And do slots_lock and the
// invalidate lock keep every zap out of the gap between the mirror and the TD, as is claimed?
//
// SOURCES. Linux 6.16, arch/x86/kvm/vmx/tdx.c: tdx_vcpu_init_mem_region, tdx_gmem_post_populate,
// tdx_td_finalize; the hardening series of October 2025 (6.19): tdx_acquire_vm_state_locks; "KVM:
// guest_memfd: GUP source pages prior to populating guest memory", commit 2a62345b3052, January 2026;
// virt/kvm/guest_memfd.c; Documentation/virt/kvm/locking.rst.
//
// THREADS
//   populate  KVM_TDX_INIT_MEM_REGION, once for each page, in order, or not at all; a page that is told
//             -EBUSY may be tried again
//   finalize  KVM_TDX_FINALIZE_VM, once
//   vcpu[v]   KVM_RUN, for ever: touches private pages once the TD is finalized
//   punch     fallocate(FALLOC_FL_PUNCH_HOLE) of some page, once
//   convert   KVM_SET_MEMORY_ATTRIBUTES of some page to shared, once
//   fault     a page fault of user space in a mapping of the guest_memfd, for ever
//   unmap     munmap(), or whatever else takes mmap_lock for write, once
// Each may also do nothing.
//
// A queued writer of a rwsem keeps new readers out. That matters for mmap_lock, which nobody but unmap takes
// for write.
//
// mmu_lock is innermost, and nobody waits while holding it: each section under it is one step here, and no
// cycle of locks can go through it. A fault that comes too late to map is tried again by the next KVM_RUN.
//
// LEFT OUT. SRCU and memslots that come and go (slots_lock is taken as for them); the MMU notifier, which
// never touches mirror roots. Levels above the page, FROZEN entries. Per-VMA locks, with which a fault often
// does without mmap_lock. In 6.16 mapping resolves the page a second time; that is the same page as long as
// the invalidate lock is held. TDH.MR.EXTEND. Conflicts on the TDR, but that PAGE.ADD may be BUSY. kvm->lock
// and vcpu->mutex are no named guards: what they are for (vCPU creation, VP.INIT) is not here, and nothing
// here would miss them.

#include "protocols/populate_order/populate_order.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::Thread;
using dsl::Variable;
using dsl::when;

PopulateOrder::PopulateOrder()
    : Protocol("populate_order",
               "KVM_TDX_INIT_MEM_REGION: lock order, and zaps between the mirror and the TD"),
      vcpus(integer_parameter("vcpus", 2, 1, 3, "vCPUs")),
      pages(integer_parameter("pages", 2, 1, 3, "private pages, populated one after the other")),
      state_locks(
          enum_parameter("state_locks", {"vcpu_mutex", "all", "all_in_locked_ioctl"},
                         "what KVM_TDX_INIT_MEM_REGION holds outside slots_lock: the vCPU's mutex; "
                         "kvm->lock and every mutex; the same, taken while the ioctl holds the mutex")),
      page_add(enum_parameter("page_add", {"after_mapping", "while_mapping"},
                              "TDH.MEM.PAGE.ADD follows the mapping, or is issued by the hook that maps")),
      gup(enum_parameter("gup", {"inside", "before"},
                         "the source page is taken inside the invalidate lock, or before it")),
      in_place_conversion(bool_parameter("in_place_conversion", false,
                                         "guest_memfd can be mapped: faults take the invalidate lock")),
      source(enum_parameter("source", {"anonymous", "guest_memfd"}, "where the source page is")),
      punch_hole(bool_parameter("punch_hole", true, "a hole is punched")),
      convert(bool_parameter("convert", true, "a page is converted to shared")),
      unmap(bool_parameter("unmap", true, "somebody takes mmap_lock for write")),
      vcpu_faults(bool_parameter("vcpu_faults", true, "vCPUs run, and fault, once the TD is finalized")),
      user_faults(bool_parameter("user_faults", true, "user space faults in a mapping of the guest_memfd")),
      page_add_busy(bool_parameter("page_add_busy", false, "TDH.MEM.PAGE.ADD may be BUSY")),
      vcpu(index_set("vcpu", vcpus)),
      page(index_set("page", pages)),
      kvm_lock(*this, {.name = "kvm->lock", .rank = 10}),
      vcpu_mutex(*this, {.name = "vcpu->mutex", .rank = 20, .per = {vcpu}}),
      slots_lock(*this, {.name = "kvm->slots_lock", .rank = 30, .guard = "slots_lock"}),
      mmap_lock(*this, {.name = "mmap_lock"}, 2, 1, true),
      invalidate_lock(*this, {.name = "filemap_invalidate_lock", .guard = "invalidate_lock"}, 2, 2, true),
      allocated(variable("allocated", page, dsl::boolean(), false, "the page is in the guest_memfd")),
      is_private(variable("private", page, dsl::boolean(), true, "its memory attribute")),
      mirror(variable("mirror", page, dsl::boolean(), false, "present in the mirror page table")),
      sept(variable("sept", page, dsl::boolean(), false, "the TD has the page in its S-EPT")),
      nr_premapped(variable("nr_premapped", dsl::integer(-4, pages + 2), 0)),
      finalized(variable("finalized", dsl::boolean(), false, "TDH.MR.FINALIZE was done")),
      in_progress(variable("mmu_invalidate_in_progress", dsl::integer(0, 2), 0)),
      mmu_seq(variable("mmu_invalidate_seq", dsl::integer(0, 2), 0)),
      page_in_flight(variable("page_in_flight", dsl::optional_index(page), dsl::none(),
                              "mapped by populate, and not yet added")) {}

void PopulateOrder::each_vcpu(const std::function<void(const Expr&)>& body) const {
  for (int v = 0; v < 3; ++v) when(vcpus > v).then([&] { body(vcpu.member(v)); });
}

Variable PopulateOrder::busy_local(Thread& t) { return t.scratch("busy", dsl::boolean(), false); }

// ---- tdx.c ----

void PopulateOrder::tdx_acquire_vm_state_locks(Thread& t) {
  t.function("tdx_acquire_vm_state_locks", [&] {
    kvm_lock.lock(t);
    each_vcpu([&](const Expr& v) { vcpu_mutex.of(v).lock(t); });
    slots_lock.lock(t);
  });
}

void PopulateOrder::tdx_release_vm_state_locks(Thread& t) {
  t.function("tdx_release_vm_state_locks", [&] {
    slots_lock.unlock(t);
    each_vcpu([&](const Expr& v) { vcpu_mutex.of(v).unlock(t); });
    kvm_lock.unlock(t);
  });
}

// The ioctl on vCPU 0, once for each page.
void PopulateOrder::tdx_vcpu_init_mem_region(Thread& t) {
  const Variable busy = busy_local(t);
  const Mutex first_mutex = vcpu_mutex.of(vcpu.member(0));
  t.function("tdx_vcpu_init_mem_region", [&] {
    t.for_each(page, "populating", [&](const Expr& p) {
      t.loop("again").try_and_retry_while(busy, dsl::unlimited, [&] {
        t.let(busy, false);
        t.may_stop_here();
        when(state_locks == "all").then([&] { tdx_acquire_vm_state_locks(t); }).otherwise([&] {
          first_mutex.lock(t);
          when(state_locks == "all_in_locked_ioctl").then([&] {
            kvm_lock.lock(t);
            for (int v = 1; v < 3; ++v) when(vcpus > v).then([&] { vcpu_mutex.of(vcpu.member(v)).lock(t); });
          });
          slots_lock.lock(t);
        });
        const Variable refused = t.scratch("refused", dsl::boolean(), false);
        t.step("finalized already, or not private?").set(refused, finalized || !is_private[p]);
        when(!refused).then([&] { kvm_gmem_populate(t, p); });
        t.let(refused, false);
        when(state_locks == "all").then([&] { tdx_release_vm_state_locks(t); }).otherwise([&] {
          slots_lock.unlock(t);
          when(state_locks == "all_in_locked_ioctl").then([&] {
            for (int v = 1; v < 3; ++v)
              when(vcpus > v).then([&] { vcpu_mutex.of(vcpu.member(v)).unlock(t); });
            kvm_lock.unlock(t);
          });
          first_mutex.unlock(t);
        });
      });
    });
  });
}

void PopulateOrder::tdx_gmem_post_populate(Thread& t, const Expr& p) {
  const Variable busy = busy_local(t);
  const auto added = [&](StepWords& step) {
    step.set(sept[p], true).asserts("page_exists", allocated[p], "the page is still in the guest_memfd");
  };
  t.function("tdx_gmem_post_populate", [&] {
    when(gup == "inside").then([&] { get_user_pages_fast(t); });
    when(page_add == "after_mapping")
        .then([&] {
          t.step("read_lock(mmu_lock): mirror entry, nr_premapped++")
              .set_if(!mirror[p], nr_premapped, nr_premapped + 1)
              .set(mirror[p], true)
              .set(page_in_flight, only_if(true, p));
          t.one_of({[&] {
                      {
                        auto step = t.step("TDH.MEM.PAGE.ADD");
                        added(step);
                        step.answers("SUCCESS").asserts("add_finds_mirror_entry", mirror[p],
                                                        "the mirror page table has the page");
                      }
                      t.step("nr_premapped--")
                          .set(nr_premapped, nr_premapped - 1)
                          .set(page_in_flight, dsl::none());
                    },
                    [&] {
                      t.step("TDH.MEM.PAGE.ADD")
                          .when(page_add_busy)
                          .set(busy, true)
                          .set(page_in_flight, dsl::none())
                          .answers("TDX_OPERAND_BUSY");
                    }});
        })
        .otherwise([&] {
          t.one_of({[&] {
                      auto step = t.step("read_lock(mmu_lock): freeze, TDH.MEM.PAGE.ADD, publish");
                      added(step);
                      step.set(mirror[p], true).answers("SUCCESS");
                    },
                    [&] {
                      t.step("read_lock(mmu_lock): freeze, TDH.MEM.PAGE.ADD, put back")
                          .when(page_add_busy)
                          .set(busy, true)
                          .answers("TDX_OPERAND_BUSY");
                    }});
        });
  });
}

void PopulateOrder::tdx_td_finalize(Thread& t) {
  const Variable premapped = t.scratch("premapped", dsl::boolean(), false);
  t.function("tdx_td_finalize", [&] {
    when(state_locks == "vcpu_mutex")
        .then([&] {
          kvm_lock.lock(t);
          slots_lock.lock(t);
        })
        .otherwise([&] { tdx_acquire_vm_state_locks(t); });
    t.relying_on("premapped_check", "a TD with pages that were mapped and not added is not finalized",
                 [&] { t.step("nr_premapped != 0?").set(premapped, nr_premapped != 0); });
    when(!premapped).then([&] {
      t.step("TDH.MR.FINALIZE")
          .set(finalized, true)
          .asserts("finalized_whole",
                   dsl::for_all(page, "q", [&](const Expr& q) { return mirror[q] == sept[q]; }),
                   "what the mirror page table has, the TD has");
    });
    t.let(premapped, false);
    when(state_locks == "vcpu_mutex")
        .then([&] {
          slots_lock.unlock(t);
          kvm_lock.unlock(t);
        })
        .otherwise([&] { tdx_release_vm_state_locks(t); });
  });
}

// mmu_lock is held for write. In 6.16 TDH.MEM.RANGE.BLOCK answers TDX_EPT_ENTRY_STATE_INCORRECT for a page
// that was mapped and not added, which is accepted.
void PopulateOrder::tdx_sept_remove_private_spte(StepWords& step, const Expr& p) {
  const Expr premapped = mirror[p] && !sept[p];
  step.set(mirror[p], false)
      .set(sept[p], false)
      .set_if(premapped && page_add == "after_mapping", nr_premapped, nr_premapped - 1)
      .asserts("no_zap_in_the_gap", page_in_flight != only_if(true, p),
               "populate is not between the mirror and the TD with this page");
}

// ---- guest_memfd.c, kvm_main.c ----

void PopulateOrder::kvm_gmem_populate(Thread& t, const Expr& p) {
  t.function("kvm_gmem_populate", [&] {
    when(gup == "before").then([&] { get_user_pages_fast(t); });
    invalidate_lock.write_lock(t);
    t.step("__kvm_gmem_get_pfn()").set(allocated[p], true);
    tdx_gmem_post_populate(t, p);
    invalidate_lock.write_unlock(t);
  });
}

// Under mmu_lock, for write: a page is zapped, and faults are told that an invalidation is in progress.
void PopulateOrder::kvm_mmu_invalidate_begin(Thread& t, const Variable& p) {
  t.function("kvm_mmu_invalidate_begin", [&] {
    t.step("write_lock(mmu_lock): mmu_invalidate_in_progress++, zap")
        .some(page, "p", [&](StepWords& step, const Expr& some_page) {
          step.set(p, some_page).set(in_progress, in_progress + 1);
          tdx_sept_remove_private_spte(step, some_page);
        });
  });
}

void PopulateOrder::kvm_mmu_invalidate_end(Thread& t) {
  t.function("kvm_mmu_invalidate_end", [&] {
    t.step("write_lock(mmu_lock): mmu_invalidate_seq++, in_progress--")
        .set(mmu_seq, mmu_seq + 1)
        .set(in_progress, in_progress - 1);
  });
}

void PopulateOrder::kvm_gmem_punch_hole(Thread& t) {
  const Variable p = t.local("page", dsl::index(page), 0);
  t.function("kvm_gmem_punch_hole", [&] {
    invalidate_lock.write_lock(t);
    kvm_mmu_invalidate_begin(t, p);
    t.step("truncate_inode_pages_range()").set(allocated[p], false);
    t.let(p, 0);
    kvm_mmu_invalidate_end(t);
    invalidate_lock.write_unlock(t);
  });
}

void PopulateOrder::kvm_vm_set_mem_attributes(Thread& t) {
  const Variable p = t.local("page", dsl::index(page), 0);
  t.function("kvm_vm_set_mem_attributes", [&] {
    slots_lock.lock(t);
    kvm_mmu_invalidate_begin(t, p);
    t.step("xa_store(): shared").set(is_private[p], false);
    t.let(p, 0);
    kvm_mmu_invalidate_end(t);
    slots_lock.unlock(t);
  });
}

// mmap_lock is held.
void PopulateOrder::kvm_gmem_fault_user_mapping(Thread& t) {
  t.function("kvm_gmem_fault_user_mapping", [&] {
    invalidate_lock.read_lock(t);
    invalidate_lock.read_unlock(t);
  });
}

// The page may have to be faulted in.
void PopulateOrder::get_user_pages_fast(Thread& t) {
  t.function("get_user_pages_fast", [&] {
    mmap_lock.read_lock(t);
    when(source == "guest_memfd").then([&] { kvm_gmem_fault_user_mapping(t); });
    mmap_lock.read_unlock(t);
  });
}

// ---- mmu ----

// vcpu->mutex is held; tdx_handle_ept_violation() repeats what must be tried again.
void PopulateOrder::kvm_tdp_mmu_page_fault(Thread& t) {
  const Variable p = t.local("page", dsl::index(page), 0);
  const Variable shared = t.scratch("shared", dsl::boolean(), false);
  const Variable seq = t.scratch("seq", dsl::integer(0, 2), 0);
  const Expr stale = in_progress != 0 || mmu_seq != seq;
  t.function("kvm_tdp_mmu_page_fault", [&] {
    t.step("the guest touches a page; mmu_seq = kvm->mmu_invalidate_seq")
        .some(page, "p",
              [&](StepWords& step, const Expr& touched) { step.set(p, touched).set(seq, mmu_seq); });
    t.step("if the page is private: kvm_gmem_get_pfn()")
        .set(shared, !is_private[p])
        .set_if(is_private[p], allocated[p], true);
    when(shared).then([&] {
      t.let(shared, false);
      t.let(seq, 0);
      t.let(p, 0);
      t.return_();
    });
    const auto map = [&](const std::string& text, const Expr& maps) {
      t.step(text)
          .set_if(maps, mirror[p], true)
          .set_if(maps, sept[p], true)
          .set(seq, 0)
          .set(p, 0)
          .asserts("page_exists", implies(maps, allocated[p]), "the page is still in the guest_memfd");
    };
    t.relying_on("stale_check", "is_page_fault_stale()", [&] {
      map("read_lock(mmu_lock): unless stale, TDH.MEM.PAGE.AUG and the mirror entry", !stale);
      t.return_();
    });
    map("read_lock(mmu_lock): TDH.MEM.PAGE.AUG and the mirror entry", true);
  });
}

} // namespace tdxcheck::protocols
