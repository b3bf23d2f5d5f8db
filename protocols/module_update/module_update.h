// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Replacing the TDX module at run time: stop_machine() and the barrier in it. The essay is at the head of
// module_update.cpp.
//
// One member per kernel function; a file of your own may derive from ModuleUpdate and replace one.

#include "dsl/dsl.h"
#include "protocols/parts/host_locks.h"

namespace tdxcheck::protocols {

class ModuleUpdate : public dsl::Protocol {
public:
  ModuleUpdate();

protected:
  void define() override;

  // arch/x86/virt/vmx/tdx/seamldr.c
  virtual void seamldr_install_module(dsl::Thread& t);
  virtual void do_seamldr_install_module(dsl::Thread& t, const dsl::Expr& cpu);
  virtual void ack_state(dsl::Thread& t, const dsl::Expr& cpu);
  virtual void seamldr_install(dsl::Thread& t, const dsl::Expr& cpu);
  // arch/x86/virt/vmx/tdx/tdx.c
  virtual void tdx_module_shutdown(dsl::Thread& t, const dsl::Expr& cpu);
  virtual void tdx_cpu_enable(dsl::Thread& t, const dsl::Expr& cpu);
  virtual void try_init_module_global(dsl::Thread& t);
  virtual void tdx_module_run_update(dsl::Thread& t);
  // kernel/stop_machine.c, kernel/cpu.c
  virtual void multi_cpu_stop(dsl::Thread& t, const dsl::Expr& cpu);
  virtual void cpu_up(dsl::Thread& t);
  virtual void cpu_down(dsl::Thread& t);

  // Threads.
  virtual void vcpu_thread(dsl::Thread& t);
  virtual void reader_thread(dsl::Thread& t);
  virtual void claims();
  virtual void variants();

  // What a caller of tdx_cpu_enable() and the others gets back: false is success.
  static dsl::Variable failed_local(dsl::Thread& t);
  // The work of a stage may fail where `failure` says so.
  void may_fail(dsl::Thread& t, const std::string& stage, const std::string& text, const dsl::Body& body);
  [[nodiscard]] dsl::Expr next_state() const;
  [[nodiscard]] dsl::Expr reached(const dsl::Expr& state, std::size_t stage) const;
  [[nodiscard]] dsl::Expr somebody_updates() const;
  [[nodiscard]] dsl::Expr online(const dsl::Expr& c) const; // it is in cpu_online_mask
  [[nodiscard]] dsl::Expr hotplugged() const { return cpu.last(); }
  [[nodiscard]] dsl::Expr everywhere(const dsl::Variable& subset) const; // on every pCPU that is stopped
  // The pCPU can run a task: it is online, not stopped, and nobody there has preemption off.
  [[nodiscard]] dsl::Expr runs_tasks(const dsl::Expr& c) const;

  dsl::Parameter pcpus, vcpus, readers;
  dsl::Parameter failure, hotplug;

  dsl::IndexSet cpu, vcpu, reader;
  RwLock cpu_hotplug_lock;
  Mutex update_ctrl_lock, seamldr_lock, sysinit_lock;

  // struct update_ctrl, and what each pCPU makes of it
  dsl::Variable state, num_ack, num_failed;
  dsl::Variable curstate, finished; // [cpu]
  dsl::Variable failed;             // [cpu]: its `ret` is not 0
  // the kernel's flags
  dsl::Variable sysinit_done, sysinit_failed, lp_initialized;
  // pCPUs
  dsl::Variable last_online, stopping, stopped, left, preempt_off;
  // the TDX module and P-SEAMLDR
  dsl::Variable sys_state, lp_init_of, lp_busy, installed, in_seamldr, version;
  // how it went
  dsl::Variable queued, returned, offlining, injected;
};

} // namespace tdxcheck::protocols
