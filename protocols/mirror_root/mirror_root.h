// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The roots of the TDP MMU: the direct root and the mirror root of a TD, who refers to them, and how they
// come and go. The essay is at the head of mirror_root.cpp.
//
// One member per kernel function; a file of your own may derive from MirrorRoot and replace one.

#include "dsl/dsl.h"
#include "protocols/parts/host_locks.h"
#include "protocols/parts/rcu.h"

namespace tdxcheck::protocols {

class MirrorRoot : public dsl::Protocol {
public:
  MirrorRoot();

protected:
  enum class Kind { direct, mirror };
  // A place that holds a reference to a root: is it this root, and how is it emptied.
  struct Reference {
    dsl::Predicate to;
    std::function<void(dsl::StepWords&, const dsl::Expr& root)> forget;
  };

  void define() override;

  // arch/x86/kvm/mmu/tdp_mmu.c
  virtual void kvm_tdp_mmu_alloc_root(dsl::Thread& t, const dsl::Expr& vcpu, Kind kind);
  virtual void kvm_tdp_mmu_put_root(dsl::Thread& t, const Reference& reference);
  virtual void kvm_tdp_mmu_invalidate_roots(dsl::Thread& t, const dsl::Expr& mirrors_too);
  virtual void kvm_tdp_mmu_zap_invalidated_roots(dsl::Thread& t, const dsl::Expr& shared);
  virtual void tdp_mmu_zap_root(dsl::Thread& t, const dsl::Expr& root, const dsl::Expr& shared);
  virtual void kvm_tdp_mmu_zap_all(dsl::Thread& t);
  virtual void kvm_mmu_uninit_tdp_mmu(dsl::Thread& t);
  virtual void kvm_tdp_mmu_map(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& is_private);
  // arch/x86/kvm/mmu/mmu.c, mmu.h
  virtual void kvm_mmu_load(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void mmu_alloc_direct_roots(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_reload(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_free_obsolete_roots(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_free_roots(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_unload(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_create(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_destroy(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void kvm_mmu_zap_all_fast(dsl::Thread& t);
  virtual void kvm_tdp_mmu_page_fault(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& is_private,
                                      const dsl::Variable& retry);
  virtual void kvm_arch_vcpu_pre_fault_memory(dsl::Thread& t, const dsl::Expr& vcpu,
                                              const dsl::Variable& is_private, const dsl::Variable& retry);
  // arch/x86/kvm/x86.c, arch/x86/kvm/vmx/tdx.c, virt/kvm/kvm_main.c
  virtual void vcpu_enter_guest(dsl::Thread& t, const dsl::Expr& vcpu);
  virtual void tdx_handle_ept_violation(dsl::Thread& t, const dsl::Expr& vcpu,
                                        const dsl::Variable& is_private, const dsl::Variable& retry);
  virtual void vcpu_run(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Variable& is_private,
                        const dsl::Variable& retry);
  virtual void kvm_swap_active_memslots(dsl::Thread& t);
  virtual void kvm_destroy_vm(dsl::Thread& t);

  // Threads, claims, variants.
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void memslots_thread(dsl::Thread& t);
  virtual void destroying_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  // Words.
  [[nodiscard]] dsl::Variable has_root(dsl::Thread& t) const;
  [[nodiscard]] dsl::Variable has_mirror(dsl::Thread& t) const;
  void check_request(dsl::Thread& t, const dsl::Expr& vcpu);
  [[nodiscard]] dsl::Expr usable(const dsl::Expr& root, Kind kind) const; // a valid root of that role, listed
  [[nodiscard]] dsl::Expr has_obsolete_root(const dsl::Expr& vcpu) const;
  [[nodiscard]] dsl::Expr holders(const dsl::Expr& root) const;

  // Sizes and loads.
  dsl::Parameter vcpus, memslot_changes, runs, faults, prefault, resets;
  // Forms of the code.
  dsl::Parameter reload_checks, mirror_alloc, direct_alloc, reload_frees_obsolete, retries_reload,
      local_retry, invalidates, zap_all, uninit_zaps;

  dsl::IndexSet vcpu, root;
  dsl::IndexSet gpa; // a private and a shared one
  Mutex tdp_mmu_pages_lock;
  RwLock mmu_lock;
  Rcu rcu;
  // [root]
  dsl::Variable allocated, listed, mirror, invalid, scheduled_to_zap, populated, refcount, gifted;
  // [vcpu]
  dsl::Variable root_hpa, mirror_root_hpa, free_obsolete_roots, fd_open;
  dsl::Variable iterator; // the root that a zapper has reached and refers to
  dsl::Variable hkid_assigned, vm_fd_open, destroyed;
  Rcu::ObjectsToFree freed_roots;
};

} // namespace tdxcheck::protocols
