// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Bringing the TDX module up on a machine whose pCPUs come and go. The essay is at the head of
// cpu_bringup.cpp.
//
// One member per kernel function; a file of your own may derive from CpuBringup and replace one.

#include "dsl/dsl.h"
#include "protocols/cpu_bringup/seamcalls.h"
#include "protocols/parts/cpuhp.h"
#include "protocols/parts/cpus.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class CpuBringup : public dsl::Protocol {
public:
  CpuBringup();

protected:
  // A thread that may be pinned anywhere, and may have work done by a thread bound to a pCPU.
  struct Task {
    dsl::Thread& t;
    const Cpus::Task* anywhere; // null where the thread does without
    const Cpus::Bound* bound;
    dsl::Variable rax, ret;
  };
  // Code that runs on a given pCPU: in a bound thread, or in IRQ context.
  struct Context {
    dsl::Thread& t;
    dsl::Expr cpu;
    const Cpus::Bound* bound; // null in IRQ context
    dsl::Variable rax, ret;
  };

  void define() override;

  // arch/x86/virt/vmx/tdx/tdx.c
  virtual void try_init_module_global(const Context& at);
  virtual void tdx_cpu_enable(const Context& at);
  virtual void tdx_enable(const Task& k);
  virtual void init_tdx_module(const Task& k);
  virtual void config_global_keyid(const Task& k);
  virtual void init_tdmrs(const Task& k);
  virtual void tdx_init(const Task& k); // 7.1
  virtual void tdx_shutdown(const Task& k);
  // arch/x86/virt/hw.c, or KVM's own VMXON before 7.1
  virtual void x86_virt_get_ref(const Context& at);
  virtual void x86_virt_put_ref(const Context& at);
  virtual void vmx_enable_virtualization_cpu(const Context& at);
  virtual void vmx_disable_virtualization_cpu(const Context& at);
  // Callbacks of TDX's own cpuhp state.
  virtual void tdx_online_cpu(const Context& at);
  virtual void tdx_offline_cpu(const Context& at);
  // virt/kvm/kvm_main.c
  virtual void kvm_online_cpu(const Context& at);
  virtual void kvm_offline_cpu(const Context& at);
  virtual void kvm_enable_virtualization(const Task& k);
  virtual void kvm_disable_virtualization(const Task& k);
  virtual void hardware_enable_all(const Task& k); // before 6.12
  virtual void hardware_disable_all(const Task& k);
  // arch/x86/kvm/vmx/tdx.c
  virtual void tdx_bringup(const Task& k);        // 6.16
  virtual void tdx_hardware_setup(const Task& k); // v19
  virtual void kvm_init_with_early_callback(const Task& k);
  virtual void enable_with_virtualization_on(const Task& k);
  virtual void kvm_init_by_seans_sketch(const Task& k);
  virtual void __tdx_td_init(const Task& k);
  virtual void tdx_vcpu_run(const Task& k);
  virtual void tdx_mmu_release_hkid(const Task& k);

  // Threads.
  virtual void bringup_thread(dsl::Thread& t);
  virtual void hotplug_thread(dsl::Thread& t);
  virtual void td_thread(dsl::Thread& t);
  virtual void other_vm_thread(dsl::Thread& t);
  virtual void second_user_thread(dsl::Thread& t);
  virtual void user_enables_cpu(const Context& at);
  virtual void power_thread(dsl::Thread& t);
  virtual void reboots(const Task& k);
  virtual void suspends(const Task& k);
  virtual void suspends_and_resumes(const Context& at); // the first pCPU
  void vm_exists(const Task& k, const dsl::Body& body);
  void declare_states();
  void declare_calls();
  virtual void claims();
  virtual void variants();
  void variants_7_1();
  void variants_6_16();
  void variants_of_the_thread();

  // A step that the hardware or the platform may fail, as often as `failures` says.
  void may_fail(const Context& at, const std::string& text, const std::string& error,
                const std::function<void(dsl::StepWords&)>& say = {});
  // The status of the last SEAMCALL as an error of the kernel.
  void errno_of(dsl::Thread& t, const dsl::Variable& rax, const dsl::Variable& ret);
  void on_some_cpu(const Task& k, const std::function<void(const Caller&)>& seamcall);
  void with_irqs_off(const Context& at, const dsl::Body& body);
  void with_preemption_off(const Context& at, const dsl::Body& body);
  void veto(const Context& at);
  [[nodiscard]] dsl::Expr package_of(const dsl::Expr& cpu) const;
  [[nodiscard]] dsl::Expr is_last_of_its_package(const dsl::Expr& cpu) const;
  [[nodiscard]] dsl::Expr every_package_is_online() const;
  [[nodiscard]] dsl::Expr has_own_state() const; // TDX has a cpuhp state of its own
  [[nodiscard]] Context in_irq(dsl::Thread& t, const dsl::Expr& cpu);

  // Sizes, and what the machine does.
  dsl::Parameter pcpus, packages, hotplug, offline_at_boot, td, failures;
  // Forms of the code.
  dsl::Parameter form, online_hook, all_present, kvm_lock_order, unsupported, cleanup_returns;
  // The module.
  dsl::Parameter lp_init_window, lp_check;
  // Who else is about.
  dsl::Parameter other_vm, second_user, power;

  dsl::IndexSet package;
  Cpus cpus;
  CpuHotplug hp;
  SystemCalls tdx;
  Mutex kvm_usage_lock, kvm_lock, tdx_module_lock, sysinit_lock;
  CpuHotplug::State tdx_early, kvm_state, tdx_state;
  Cpus::Call tdx_on, vmx_off, lp_init, hardware_enable, hardware_disable, user_lp_init, shutdown;

  dsl::Variable outcome; // of the bring-up
  dsl::Variable sysinit_done, sysinit_ret;
  dsl::Variable lp_initialized; // [cpu]
  dsl::Variable module_status;
  dsl::Variable kvm_usage_count, vmx_refs;
  dsl::Variable hkid_in_use, keys_needed;
  dsl::Variable failed, excused, sysinit_called, call_failed, vmx_enabled, rebooting, frozen;
};

} // namespace tdxcheck::protocols
