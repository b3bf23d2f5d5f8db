// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Dynamic PAMT: the count of users of a 2 MiB range, and the page pair that holds the range's PAMT entries.
// The essay is at the head of dynamic_pamt.cpp.
//
// One member per kernel function or SEAMCALL; a file of your own may derive from DynamicPamt and replace one.

#include "dsl/dsl.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class DynamicPamt : public dsl::Protocol {
public:
  DynamicPamt();

protected:
  // A user of one page of the range.
  struct Task {
    dsl::Thread& t;
    dsl::Expr self;
    dsl::Variable rax;    // status of the last SEAMCALL
    dsl::Variable seen;   // what an atomic operation on the count answered
    dsl::Variable failed; // tdx_pamt_get() or the mapping failed
  };

  void define() override;

  // arch/x86/virt/vmx/tdx/tdx.c
  virtual void tdx_pamt_get(Task& k);
  virtual void tdx_pamt_put(Task& k);
  virtual void alloc_pamt_array(Task& k);
  virtual void free_pamt_array(Task& k);
  virtual void get_landed(Task& k);
  virtual void get_rfc(Task& k);
  virtual void get_kai(Task& k);
  virtual void put_landed(Task& k);
  virtual void put_rfc(Task& k);
  virtual void put_kai(Task& k);
  // The TDX module.
  virtual void phymem_pamt_add(Task& k);
  virtual void phymem_pamt_remove(Task& k);
  virtual void mem_page_aug(Task& k);
  virtual void mem_page_remove(Task& k);
  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_sept_set_private_spte(Task& k);
  virtual void tdx_sept_remove_private_spte(Task& k);

  virtual void user_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  void add_pages(Task& k, const dsl::Expr& accepts_range_not_free, const dsl::Expr& first);
  void remove_pages(Task& k, const dsl::Body& removed);
  void take_pamt_2m_exclusive(Task& k, const dsl::Body& taken);
  [[nodiscard]] static dsl::Type pamt_status();
  [[nodiscard]] dsl::Expr more(const dsl::Expr& n) const;
  [[nodiscard]] dsl::Expr fewer(const dsl::Expr& n) const;
  [[nodiscard]] dsl::Expr users_counted() const; // what the count says, as a number of users

  dsl::Parameter users, form, failed_remove, alloc_fails, remove_fails;
  dsl::IndexSet user;
  Mutex dpamt_lock;
  dsl::Variable count;      // pamt_refcount of the range
  dsl::Variable references; // [user]: it has got and not yet put
  dsl::Variable in_hand;    // [user]: a page pair from the allocator, or back from the module
  dsl::Variable pairs;      // taken from the allocator and not given back
  // The module.
  dsl::Variable pamt_present, page_mapped, pamt_2m_readers, pamt_2m_exclusive;
  dsl::Lock pamt_2m;
};

} // namespace tdxcheck::protocols
