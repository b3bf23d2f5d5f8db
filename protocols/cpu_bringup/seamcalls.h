// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The TDX module as a whole, while it is brought up: its state, which logical processors and packages are
// initialised, and the TDH.SYS.* calls (tdh_sys_*.c, tag TDX_1.5.01). TDH.MNG.KEY.CONFIG and VP.ENTER stand
// for all calls on a TD: they are there to be refused.
//
// Whatever call is made opens with the processor: #UD outside VMX operation. Then the dispatcher: the module
// is not shut down, and it is ready unless the call is one of those that make it so.
//
// protocols/module/system.h has these leaves for protocols that ask other questions: there every pCPU is a
// package, LP.INIT is as the source has it, and nobody reads system information.
//
// Two things differ between what was read and what is said of the module, and are parameters here:
//  * The window of TDH.SYS.LP.INIT. The source has it in SYSINIT_DONE only, and TDH.SYS.CONFIG demands every
//    logical processor of the platform before (`before_config`). Linux is written to a module that allows it
//    at any time before the first other use of the processor (`any_time`).
//  * Who notices that TDH.SYS.LP.INIT is missing. In the source only TDH.SYS.INFO, RD and RDALL look
//    (`reads_only`); on the list every SEAMCALL is said to answer that in a code of its own (`every_leaf`).

#include "dsl/dsl.h"
#include "protocols/module/seamcall.h"
#include "protocols/parts/cpus.h"

namespace tdxcheck::protocols {

class SystemCalls {
public:
  struct Options {
    dsl::Expr lp_init_at_any_time, every_leaf_checks_lp; // over parameters
    dsl::Expr may_be_interrupted; // over parameters: handlers arrive on pCPUs with IRQs on
    dsl::Expr may_fail;           // TDH.SYS.INIT, LP.INIT, CONFIG and KEY.CONFIG may fail by themselves
    dsl::Expr tolerates_ud;       // the machine reboots
    std::function<void(dsl::StepWords&)> on_failure;
  };
  SystemCalls(dsl::Protocol& protocol, const Cpus& cpus, const dsl::IndexSet& packages, Options options,
              const std::function<dsl::Expr(const dsl::Expr& cpu)>& package_of);
  virtual ~SystemCalls() = default;

  virtual void sys_init(const Caller& by) const;
  virtual void sys_lp_init(const Caller& by) const;
  virtual void sys_rd(const Caller& by) const;
  virtual void sys_config(const Caller& by) const;
  virtual void sys_key_config(const Caller& by) const;
  virtual void sys_tdmr_init(const Caller& by) const;
  virtual void sys_disable(const Caller& by) const;
  virtual void mng_key_config(const Caller& by) const;
  virtual void vp_enter(const Caller& by) const;

  [[nodiscard]] dsl::Expr is_ready() const { return sys_state == "SYS_READY"; }

  Options options;
  dsl::Variable vmx_on;     // [cpu]
  dsl::Variable lp_is_busy; // [cpu]: between SEAMCALL and SEAMRET
  dsl::Variable sys_state;
  dsl::Variable lp_is_init;    // [cpu]
  dsl::Variable lp_refused;    // [cpu]: the last TDH.SYS.LP.INIT there failed
  dsl::Variable packages_done; // pkg_config_bitmap
  dsl::Variable tdmr_left;     // blocks of the one TDMR that are still to be initialised

private:
  enum class Needs { no_check, nothing, lp_init, readiness };
  void seamcall(const Caller& by, const std::string& leaf, Needs needs,
                const std::function<void(Seamcall&)>& body) const;

  const Cpus* cpus_;
  std::function<dsl::Expr(const dsl::Expr&)> package_of_;
  dsl::IndexSet packages_;
  ModuleLock global_;
  dsl::Variable disable_left_;
};

} // namespace tdxcheck::protocols
