// SPDX-License-Identifier: GPL-2.0-or-later

// The threads of populate_order, and the order in which they are declared. The essay is at the head of
// populate_order.cpp.

#include "protocols/populate_order/populate_order.h"

namespace tdxcheck::protocols {

using dsl::Thread;
using dsl::when;

void PopulateOrder::define() {
  thread(
      "populate", [this](Thread& t) { tdx_vcpu_init_mem_region(t); },
      "KVM_TDX_INIT_MEM_REGION, once for each page, in order");
  thread(
      "finalize",
      [this](Thread& t) {
        t.may_stop_here();
        tdx_td_finalize(t);
      },
      "KVM_TDX_FINALIZE_VM, once");
  thread(
      "vcpu", vcpu,
      [this](Thread& t) {
        t.forever([&] {
          t.may_stop_here();
          t.only_while(vcpu_faults && finalized, [&] { vcpu_mutex.of(t.self()).lock(t); });
          kvm_tdp_mmu_page_fault(t);
          vcpu_mutex.of(t.self()).unlock(t);
        });
      },
      "KVM_RUN, for ever, once the TD is finalized");
  thread(
      "punch",
      [this](Thread& t) {
        when(!punch_hole).then([&] { t.end(); });
        t.may_stop_here();
        kvm_gmem_punch_hole(t);
      },
      "fallocate(FALLOC_FL_PUNCH_HOLE) of some page, once");
  thread(
      "convert",
      [this](Thread& t) {
        when(!convert).then([&] { t.end(); });
        t.may_stop_here();
        kvm_vm_set_mem_attributes(t);
      },
      "KVM_SET_MEMORY_ATTRIBUTES of some page to shared, once");
  thread(
      "fault",
      [this](Thread& t) {
        when(!user_faults || !in_place_conversion).then([&] { t.end(); });
        t.forever([&] {
          t.may_stop_here();
          mmap_lock.read_lock(t);
          kvm_gmem_fault_user_mapping(t);
          mmap_lock.read_unlock(t);
        });
      },
      "a page fault of user space in a mapping of the guest_memfd, for ever");
  thread(
      "unmap",
      [this](Thread& t) {
        when(!unmap).then([&] { t.end(); });
        t.may_stop_here();
        mmap_lock.write_lock(t);
        mmap_lock.write_unlock(t);
      },
      "munmap(): mmap_lock for write, once");
  claims();
  variants();
}

} // namespace tdxcheck::protocols
