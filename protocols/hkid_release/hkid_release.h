// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Release of a TD's HKID, and what may re-associate a vCPU meanwhile. The essay is at the head of
// hkid_release.cpp.
//
// One member per kernel function; a file of your own may derive from HkidRelease and replace one.

#include "dsl/dsl.h"
#include "protocols/module/td.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class HkidRelease : public dsl::Protocol {
public:
  HkidRelease();

protected:
  // A thread, where it runs, and the status of its last SEAMCALL.
  struct Task {
    dsl::Thread& t;
    const Cpus::Task& on;
    dsl::Variable rax;
    [[nodiscard]] Caller on_cpu(const dsl::Expr& cpu) const { return {t, rax, cpu}; }
  };
  // Who asks other pCPUs to flush a vCPU: T0 for each in turn, or the vCPU's own thread when it migrates.
  struct FlushCall {
    Cpus::Call call;
    dsl::Variable failed;
  };

  void define() override;

  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_mmu_release_hkid(Task& k, const dsl::Expr& vm);
  virtual void __tdx_mmu_release_hkid(Task& k, const dsl::Expr& vm);
  virtual void tdx_flush_vp_on_cpu(Task& k, const dsl::Expr& vcpu, const FlushCall& flush,
                                   const dsl::Expr& sender);
  virtual void tdx_flush_vp(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu,
                            const dsl::Variable& rax, const dsl::Variable& failed);
  virtual void tdx_disassociate_vp(dsl::Thread& t, const dsl::Expr& vcpu, const dsl::Expr& cpu);
  virtual void smp_func_do_phymem_cache_wb(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax);
  virtual void tdx_vcpu_load(Task& k, const dsl::Expr& vcpu, const FlushCall& flush, const dsl::Expr& sender);
  virtual void tdx_vcpu_run(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_vcpu_free(Task& k, const dsl::Expr& vcpu);
  virtual void tdx_vm_destroy(Task& k, const dsl::Expr& vm);
  virtual void tdx_sept_remove_private_spte(Task& k);
  virtual void tdx_disable_virtualization_cpu(dsl::Thread& t, const dsl::Expr& cpu, const dsl::Variable& rax);
  virtual void tdx_terminate_vm(Task& k);
  // arch/x86/kvm/x86.c, virt/kvm
  virtual void vcpu_load(Task& k, const dsl::Expr& vcpu, const FlushCall& flush, const dsl::Expr& sender,
                         const dsl::Body& loaded);
  virtual void kvm_vcpu_ioctl(Task& k, const dsl::Expr& vcpu, const dsl::Body& body);
  virtual void kvm_vcpu_release(Task& k, const dsl::Expr& vcpu);
  virtual void kvm_unload_vcpu_mmus(Task& k);
  virtual void kvm_destroy_vcpus(Task& k);
  virtual void kvm_gmem_release(Task& k);

  // Threads.
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void destroying_thread(dsl::Thread& t);
  virtual void other_vm_thread(dsl::Thread& t);
  virtual void gmem_thread(dsl::Thread& t);
  virtual void reboot_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();
  void landed_variants();
  void v19_variants();
  void questions_of_the_thread();

  void kvm_bug(dsl::Thread& t, const std::string& text, dsl::Location where = dsl::Location::current());
  // A SEAMCALL from preemptible context: pinned to a pCPU only where that can make a difference.
  void on_some_cpu(Task& k, const std::function<void(const dsl::Expr& cpu)>& seamcall);
  // Every vCPU has its past behind it: nothing begins before.
  [[nodiscard]] dsl::Expr all_ready() const;
  // The status is one that the retry rule repeats for.
  [[nodiscard]] dsl::Expr worth_a_retry(const Task& k) const;
  [[nodiscard]] dsl::Expr vm() const { return tds.member(0); }
  [[nodiscard]] SeptEntry private_page() const { return td.leaf(td.gfns.member(0)); }
  [[nodiscard]] TdSpec td_spec() const;

  // Sizes.
  dsl::Parameter vcpus, pcpus;
  // Who releases the HKID, and who else is about.
  dsl::Parameter caller, gmem_release, other_vm, reboot;
  // What a vCPU thread may do at any time, also while the HKID is being released.
  dsl::Parameter vcpus_load, vcpus_enter, vcpus_read_metadata;
  // Forms of the code.
  dsl::Parameter retry, retries, retry_busy, write_lock_mmu, load_checks_hkid, close_loads, unload_loads,
      free_disassociates, bug_kills_vm, late_cpu_store;
  dsl::Parameter zap_retries, cache_wb_retries, cache_wb_blocks;

  dsl::IndexSet tds, vcpu;
  Cpus cpus;
  System system;
  Td td;
  Mutex tdx_lock;
  RwLock mmu_lock;
  Mutex vcpu_mutex;
  dsl::Variable hkid_assigned; // [vm]: kvm_tdx->hkid > 0
  dsl::Variable vcpu_cpu;      // [vcpu]: vcpu->cpu
  dsl::Variable listed;        // [vcpu]: whose associated_tdvcpus list it is linked in
  dsl::Variable vm_dead, fds_open, vcpu_freed, ready, gmem_done, rebooting, released, destroyed;
  dsl::Variable flushed_vcpu; // argument of T0's call
  FlushCall flush_by_destroyer, flush_by_vcpu;
  Cpus::Call disassociate, cache_wb, disable;
};

} // namespace tdxcheck::protocols
