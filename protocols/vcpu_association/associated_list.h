// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The per-pCPU lists associated_tdvcpus, store by store. A list_add() or list_del() that somebody else
// interrupts, or that works on an entry that is not what the caller believes, leaves pointers that no list
// has; the kernel's own checks (CONFIG_LIST_HARDENED) are the assertions here.
//
// A list is doubly linked through the vCPUs; `none` in `next` and `prev` is the head. `in_list` says whose
// head that is; it is none for an entry whose pointers are poisoned or zero. The head's own `prev` is written
// by the kernel and never read on these paths (list_add() links behind the head, walks go forward), so it is
// not kept.

#include <functional>
#include <string>

#include "dsl/dsl.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/store_buffer.h"

namespace tdxcheck::protocols {

class AssociatedList {
public:
  // `allocated`: the structures exist from the start. `delays`: the store that poisons an unlinked entry may
  // become visible late.
  AssociatedList(dsl::Protocol& protocol, const Cpus& cpus, const dsl::IndexSet& vcpus,
                 const dsl::Expr& allocated, const dsl::Expr& delays);

  // On pCPU `cpu`, the list's owner if all is well; three stores each.
  void list_add(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                dsl::Location where = dsl::Location::current()) const;
  void list_del(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                dsl::Location where = dsl::Location::current()) const;
  // list_for_each_entry_safe(): the successor is read before the body runs.
  void for_each_entry_safe(dsl::Thread& t, const dsl::Expr& cpu,
                           const std::function<void(const dsl::Expr& vcpu)>& body,
                           dsl::Location where = dsl::Location::current()) const;

  // Some list leads to the vCPU.
  [[nodiscard]] dsl::Expr linked(const dsl::Expr& vcpu) const;
  [[nodiscard]] dsl::Expr is_empty(const dsl::Expr& cpu) const { return is_none(first[cpu]); }
  // kmem_cache_zalloc() of a new struct kvm_vcpu, kmem_cache_free() of an old one.
  void allocate(dsl::StepWords& step, const dsl::Expr& vcpu) const;
  void free(dsl::StepWords& step, const dsl::Expr& vcpu) const;

  dsl::Variable first;      // [cpu]
  dsl::Variable next, prev; // [vcpu]
  dsl::Variable in_list;    // [vcpu]
  dsl::Variable freed;      // [vcpu]: the structure is not allocated
  StoreBuffer poison;

private:
  void owned(dsl::StepWords& step, const dsl::Expr& cpu) const;
  [[nodiscard]] dsl::Expr valid_entry(const dsl::Expr& vcpu) const;

  dsl::IndexSet cpus_, vcpus_;
  dsl::Variable irqs_off_, in_irq_;
};

} // namespace tdxcheck::protocols
