// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/module/system.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::Location;
using model::Domain;

namespace {

const std::vector<std::string> sys_states{"SYSINIT_PENDING", "SYSINIT_DONE", "SYSCONFIG_DONE", "SYS_READY",
                                          "SYS_SHUTDOWN"};
Expr sys(const std::string& state) { return dsl::constant("sys_state", sys_states, state); }

} // namespace

System::System(dsl::Protocol& p, const SystemSpec& spec)
    : module(spec.module),
      cpus(spec.cpus),
      tdmrs(p.index_set("tdmr", spec.tdmrs)),
      sys_state(p.variable("sys_state", dsl::enumeration("sys_state", sys_states),
                           choose(spec.comes_up, sys("SYSINIT_PENDING"), sys("SYS_READY")),
                           "state of the module")),
      lp_is_init(p.variable("lp_is_init", cpus, dsl::boolean(), !spec.comes_up, "SYS.LP.INIT was here")),
      vmx_on(p.variable("vmx_on", cpus, dsl::boolean(), spec.in_vmx_first,
                        "CR4.VMXE: the pCPU is in VMX operation")),
      lp_is_busy(p.variable("lp_is_busy", cpus, dsl::boolean(), false, "inside the module, or its guest")),
      packages_configured(p.variable("packages_configured", dsl::subset(cpus), dsl::empty_set(),
                                     "packages whose key SYS.KEY.CONFIG programmed")),
      tdmr_initialised(p.variable("tdmr_initialised", tdmrs, dsl::integer(0, spec.tdmr_chunks),
                                  choose(spec.comes_up, 0, spec.tdmr_chunks),
                                  "chunks of PAMT that are ready")),
      entropy_may_fail(spec.entropy_may_fail),
      spec_(spec),
      global_(p, {.name = "GLOBAL", .readers = spec.callers, .kind = model::LockKind::sharex}),
      tdmr_(p, {.name = "TDMR", .per = {tdmrs}, .kind = model::LockKind::mutex}) {}

// Outside VMX operation SEAMCALL is #UD, which the assembly wrapper turns into a status of its own. Nothing
// else runs on this pCPU during the call, so VMX operation does not end meanwhile. The states before
// SYS_READY never come back, so that check belongs to the step after it; a shutdown may be published at any
// time, so where there is one the check is a step of its own, after the LP was marked busy.
void System::open(Seamcall& call, Needs needs, Location where) const {
  const Expr& cpu = call.by().cpu;
  if (!cpu.empty())
    call.check("the pCPU is in VMX operation", !spec_.may_leave_vmx || vmx_on[cpu], "TDX_SEAMCALL_UD", {},
               where);
  if (!cpu.empty() && !model::is_false(spec_.shuts_down.tree())) {
    call.step_if(
        spec_.shuts_down, "mark this LP busy", [&](auto& step) { step.set(lp_is_busy[cpu], true); }, where);
    call.read("the module is not shut down", sys_state != "SYS_SHUTDOWN", "TDX_SYS_SHUTDOWN",
              spec_.shuts_down, where);
  }
  if (needs == Needs::sys_ready)
    call.check_that_stays("the module is ready",
                          !spec_.comes_up || sys_state == "SYS_READY" || sys_state == "SYS_SHUTDOWN",
                          "TDX_SYS_NOT_READY", where);
}

void System::make(const Caller& by, const std::string& name, Needs needs, const Leaf& leaf,
                  Location where) const {
  by.t.call(
      name, Domain::module,
      [&] {
        Seamcall call(by);
        open(call, needs, where);
        leaf(call);
        call.finish(where);
        if (!by.cpu.empty() && !model::is_false(spec_.shuts_down.tree()))
          dsl::when(spec_.shuts_down).then([&] {
            by.t.step("SEAMRET: this LP is free", where).set(lp_is_busy[by.cpu], false);
          });
      },
      where);
}

void System::seamcall(const Caller& by, const std::string& name, const Leaf& leaf, Location where) const {
  make(by, name, Needs::sys_ready, leaf, where);
}

void System::seamcall_at_any_time(const Caller& by, const std::string& name, const Leaf& leaf,
                                  Location where) const {
  make(by, name, Needs::nothing, leaf, where);
}

Expr System::every_lp_initialised() const {
  return dsl::for_all(cpus, "c", [&](const Expr& c) { return lp_is_init[c]; });
}

// Nothing but the GLOBAL lock guards sys_state, and every leaf below takes it, so its checks belong to the
// step after.

// tdh_sys_init.c
void System::sys_init(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.INIT", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("the module waits for SYS.INIT", sys_state == "SYSINIT_PENDING", "TDX_SYS_INIT_NOT_PENDING");
    call.may_fail("no entropy", entropy_may_fail, "TDX_RND_NO_ENTROPY");
    call.succeed("the module is initialised", [&](auto& step) { step.set(sys_state, "SYSINIT_DONE"); });
  });
}

// tdh_sys_lp_init.c. LPs run it side by side.
void System::sys_lp_init(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.LP.INIT", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::shared);
    call.check("LPs are being initialised", sys_state == "SYSINIT_DONE", "TDX_SYS_LP_INIT_NOT_PENDING");
    call.check("this LP is not yet initialised", !lp_is_init[by.cpu], "TDX_SYS_LP_INIT_DONE");
    call.may_fail("no entropy", entropy_may_fail, "TDX_RND_NO_ENTROPY");
    call.succeed("the LP is initialised", [&](auto& step) { step.set(lp_is_init[by.cpu], true); });
  });
}

// tdh_sys_config.c. All LPs of the platform, whether or not the kernel has them online.
void System::sys_config(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.CONFIG", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("SYS.INIT was done, on every LP", sys_state == "SYSINIT_DONE" && every_lp_initialised(),
               "TDX_SYS_CONFIG_NOT_PENDING");
    call.succeed("the module is configured", [&](auto& step) { step.set(sys_state, "SYSCONFIG_DONE"); });
  });
}

// tdh_sys_key_config.c, once per package. GLOBAL is held while PCONFIG runs.
void System::sys_key_config(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.KEY.CONFIG", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("the module was configured", sys_state == "SYSCONFIG_DONE", "TDX_SYS_KEY_CONFIG_NOT_PENDING");
    call.check("the package has no key yet", !contains(packages_configured, by.cpu), "TDX_KEY_CONFIGURED");
    call.may_fail("PCONFIG has no entropy", entropy_may_fail, "TDX_KEY_GENERATION_FAILED");
    const Expr with_this = with(packages_configured, by.cpu);
    call.succeed("the package's key is programmed", [&](auto& step) {
      step.set(packages_configured, with_this)
          .set_if(dsl::count(with_this) == cpus.size(), sys_state, "SYS_READY");
    });
  });
}

// tdh_sys_tdmr_init.c: one chunk per call.
void System::sys_tdmr_init(const Caller& by, const Expr& tdmr) const {
  seamcall(by, "TDH.SYS.TDMR.INIT", [&](Seamcall& call) {
    call.take(tdmr_[tdmr], dsl::exclusive, "RCX");
    call.check("the TDMR is not complete", tdmr_initialised[tdmr] < spec_.tdmr_chunks,
               "TDX_TDMR_ALREADY_INITIALIZED");
    call.succeed("a chunk of PAMT is initialised",
                 [&](auto& step) { step.set(tdmr_initialised[tdmr], tdmr_initialised[tdmr] + 1); });
  });
}

// tdh_sys_shutdown.c: the shutdown is published first, then the LPs inside the module are counted. In between
// others may be told that the module is shut down although it will not be.
void System::sys_shutdown(const Caller& by) const {
  seamcall(by, "TDH.SYS.SHUTDOWN", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.step("publish SYS_SHUTDOWN", [&](auto& step) { step.set(sys_state, "SYS_SHUTDOWN"); });
    const Expr others = dsl::exists(cpus, "c", [&](const Expr& c) { return lp_is_busy[c] && c != by.cpu; });
    by.t.one_of({[&] {
                   call.step("another LP is inside the module", [&](auto& step) { step.when(others); });
                   call.answer("put SYS_READY back", "TDX_SYS_BUSY",
                               [&](auto& step) { step.set(sys_state, "SYS_READY"); });
                 },
                 [&] {
                   call.succeed("no other LP is inside the module: shut down",
                                [&](auto& step) { step.when(!others); });
                 }});
  });
}

// tdh_sys_update.c: takes over the state of the module before it.
void System::sys_update(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.UPDATE", [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("SYS.INIT was done, on every LP", sys_state == "SYSINIT_DONE" && every_lp_initialised(),
               "TDX_SYS_STATE_INCORRECT");
    call.succeed("the previous module's state is imported",
                 [&](auto& step) { step.set(sys_state, "SYS_READY"); });
  });
}

// tdh_sys_lp_shutdown.c: kept for compatibility.
void System::sys_lp_shutdown(const Caller& by) const {
  seamcall_at_any_time(by, "TDH.SYS.LP.SHUTDOWN", [&](Seamcall& call) { call.succeed("nothing", {}); });
}

} // namespace tdxcheck::protocols
