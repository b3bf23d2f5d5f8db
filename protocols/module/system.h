// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The TDX module as a whole: what every SEAMCALL meets before its leaf (VMX operation, the dispatcher's
// checks), and the SYS leaves, which bring the module up and shut it down.
//
// Leaf names in comments are files of src/vmm_dispatcher/api_calls/ (tag TDX_1.5.01). Left out: the platform
// checks of SYS.INIT and LP.INIT, operands and TDMR lists (nothing there is wrong here), handoff data, and
// SYS.INFO, RD and RDALL, which take no lock and change nothing.

#include "dsl/dsl.h"
#include "protocols/module/generation.h"
#include "protocols/module/seamcall.h"

namespace tdxcheck::protocols {

struct SystemSpec {
  Generation module;
  dsl::IndexSet cpus;    // all LPs that the platform has; each is a package of its own
  dsl::Expr callers = 1; // how many LPs may be in SYS.LP.INIT at once
  // Over parameters. What is false costs no step:
  dsl::Expr may_leave_vmx = false; // some pCPU may execute VMXOFF, so every SEAMCALL may be #UD
  dsl::Expr comes_up = false;      // the module is brought up here; otherwise it is SYS_READY
  dsl::Expr shuts_down = false;    // SYS.SHUTDOWN may be called: every call marks its LP busy
  dsl::Expr entropy_may_fail = false;
  dsl::Expr tdmrs = 1;
  dsl::Expr tdmr_chunks = 1;     // calls of SYS.TDMR.INIT until a TDMR is initialised
  dsl::Expr in_vmx_first = true; // the pCPUs are in VMX operation at first
};

class System {
public:
  System(dsl::Protocol& protocol, const SystemSpec& spec);
  virtual ~System() = default;

  using Leaf = std::function<void(Seamcall&)>;
  // A call that needs SYS_READY, or one that is exempt from that check.
  void seamcall(const Caller& by, const std::string& name, const Leaf& leaf,
                dsl::Location where = dsl::Location::current()) const;
  void seamcall_at_any_time(const Caller& by, const std::string& name, const Leaf& leaf,
                            dsl::Location where = dsl::Location::current()) const;

  virtual void sys_init(const Caller& by) const;
  virtual void sys_lp_init(const Caller& by) const;
  virtual void sys_config(const Caller& by) const;
  virtual void sys_key_config(const Caller& by) const;
  virtual void sys_tdmr_init(const Caller& by, const dsl::Expr& tdmr) const;
  virtual void sys_shutdown(const Caller& by) const;
  virtual void sys_update(const Caller& by) const;
  virtual void sys_lp_shutdown(const Caller& by) const;

  [[nodiscard]] dsl::Expr every_lp_initialised() const;

  Generation module;
  dsl::IndexSet cpus;
  dsl::IndexSet tdmrs;
  dsl::Variable sys_state;
  dsl::Variable lp_is_init;          // [cpu]
  dsl::Variable vmx_on;              // [cpu]: CR4.VMXE, and VMXON was executed
  dsl::Variable lp_is_busy;          // [cpu]: between SEAMCALL and SEAMRET
  dsl::Variable packages_configured; // by SYS.KEY.CONFIG
  dsl::Variable tdmr_initialised;    // [tdmr]: calls of TDMR.INIT that were made
  dsl::Expr entropy_may_fail;

private:
  enum class Needs { sys_ready, nothing };
  void open(Seamcall& call, Needs needs, dsl::Location where) const;
  void make(const Caller& by, const std::string& name, Needs needs, const Leaf& leaf,
            dsl::Location where) const;

  SystemSpec spec_;
  ModuleLock global_, tdmr_;
};

} // namespace tdxcheck::protocols
