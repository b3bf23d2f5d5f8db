// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocols/cpu_bringup/seamcalls.h"

namespace tdxcheck::protocols {

using dsl::Expr;
using dsl::StepWords;
using dsl::when;
using model::Domain;

SystemCalls::SystemCalls(dsl::Protocol& p, const Cpus& cpus, const dsl::IndexSet& packages, Options given,
                         const std::function<Expr(const Expr&)>& package_of)
    : options(std::move(given)),
      vmx_on(p.variable("vmx_on", cpus.set, dsl::boolean(), false, "CR4.VMXE and VMXON: in VMX operation")),
      lp_is_busy(p.variable("lp_is_busy", cpus.set, dsl::boolean(), false, "a SEAMCALL executes there")),
      sys_state(p.variable("sys_state",
                           dsl::enumeration("sys_state", {"SYSINIT_PENDING", "SYSINIT_DONE", "SYSCONFIG_DONE",
                                                          "SYS_READY", "SYS_SHUTDOWN"}),
                           "SYSINIT_PENDING", "state of the TDX module")),
      lp_is_init(
          p.variable("lp_is_init", cpus.set, dsl::boolean(), false, "TDH.SYS.LP.INIT succeeded there")),
      lp_refused(
          p.variable("lp_refused", cpus.set, dsl::boolean(), false, "the last TDH.SYS.LP.INIT there failed")),
      packages_done(p.variable("pkg_config_bitmap", dsl::subset(packages), dsl::empty_set(),
                               "packages whose key the module has programmed")),
      tdmr_left(p.variable("tdmr_blocks_left", dsl::integer(0, 2), 2,
                           "blocks of the one TDMR that TDH.SYS.TDMR.INIT has to do")),
      cpus_(&cpus),
      package_of_(package_of),
      packages_(packages),
      global_(p, {.name = "GLOBAL", .readers = cpus.set.size(), .kind = model::LockKind::sharex}),
      disable_left_(p.variable("disable_blocks_left", dsl::integer(0, 2), 2,
                               "how often an interrupt can still stop TDH.SYS.DISABLE")) {}

// An interrupt on the pCPU waits until SEAMRET.
void SystemCalls::seamcall(const Caller& by, const std::string& leaf, Needs needs,
                           const std::function<void(Seamcall&)>& body) const {
  auto& t = by.t;
  t.call(leaf, Domain::module, [&] {
    when(options.may_be_interrupted).then([&] { t.step("SEAMCALL").set(lp_is_busy[by.cpu], true); });
    Seamcall call(by);
    call.check("the pCPU is in VMX operation", vmx_on[by.cpu], "TDX_SEAMCALL_UD", [&](StepWords& step) {
      step.asserts("vmxon_first", options.tolerates_ud, "no SEAMCALL is made outside VMX operation");
    });
    if (needs != Needs::no_check) {
      call.check("the module is not shut down", sys_state != "SYS_SHUTDOWN", "TDX_SYS_SHUTDOWN");
    }
    if (needs == Needs::readiness) call.check("the module is ready", is_ready(), "TDX_SYS_NOT_READY");
    if (needs == Needs::lp_init || needs == Needs::readiness) {
      const Expr looks = leaf == "TDH.SYS.RD" ? Expr(true) : options.every_leaf_checks_lp;
      call.check("this LP is initialised", lp_is_init[by.cpu] || !looks, "TDX_SYS_LP_INIT_NOT_DONE",
                 [&](StepWords& step) {
                   step.asserts("lp_init_first", false, "no SEAMCALL but INIT is made before LP.INIT");
                 });
      call.step("dispatched", [&](StepWords& step) {
        step.asserts("lp_init_first", lp_is_init[by.cpu], "no SEAMCALL but INIT is made before LP.INIT")
            .asserts("missing_lp_init_is_told", lp_is_init[by.cpu],
                     "a SEAMCALL on a pCPU without LP.INIT is refused");
      });
    }
    body(call);
    call.finish();
    when(options.may_be_interrupted).then([&] { t.step("SEAMRET").set(lp_is_busy[by.cpu], false); });
  });
}

// tdh_sys_init.c
void SystemCalls::sys_init(const Caller& by) const {
  seamcall(by, "TDH.SYS.INIT", Needs::nothing, [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("sys_state is SYSINIT_PENDING", sys_state == "SYSINIT_PENDING", "TDX_SYS_INIT_NOT_PENDING");
    call.may_fail("no entropy", options.may_fail, "TDX_RND_NO_ENTROPY", options.on_failure);
    call.succeed("sys_state = SYSINIT_DONE", [&](StepWords& step) { step.set(sys_state, "SYSINIT_DONE"); });
  });
}

// tdh_sys_lp_init.c
void SystemCalls::sys_lp_init(const Caller& by) const {
  const auto refuse = [&](StepWords& step) { step.set(lp_refused[by.cpu], true); };
  seamcall(by, "TDH.SYS.LP.INIT", Needs::nothing, [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::shared);
    call.check("TDH.SYS.INIT is done", sys_state != "SYSINIT_PENDING", "TDX_SYS_LP_INIT_NOT_PENDING", refuse);
    call.check("the window is open", options.lp_init_at_any_time || sys_state == "SYSINIT_DONE",
               "TDX_SYS_LP_INIT_NOT_PENDING", refuse);
    call.check("this LP is not initialised yet", !lp_is_init[by.cpu], "TDX_SYS_LP_INIT_DONE");
    call.may_fail("no entropy", options.may_fail, "TDX_RND_NO_ENTROPY", [&](StepWords& step) {
      refuse(step);
      options.on_failure(step);
    });
    call.succeed("lp_is_init = true",
                 [&](StepWords& step) { step.set(lp_is_init[by.cpu], true).set(lp_refused[by.cpu], false); });
  });
}

// tdh_sys_rd.c: takes no lock.
void SystemCalls::sys_rd(const Caller& by) const {
  seamcall(by, "TDH.SYS.RD", Needs::lp_init, [&](Seamcall& call) { call.succeed("reads", {}); });
}

// tdh_sys_config.c
void SystemCalls::sys_config(const Caller& by) const {
  seamcall(by, "TDH.SYS.CONFIG", Needs::lp_init, [&](Seamcall& call) {
    const Expr every_lp = dsl::for_all(cpus_->set, "c", [&](const Expr& c) { return lp_is_init[c]; });
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("sys_state is SYSINIT_DONE", sys_state == "SYSINIT_DONE", "TDX_SYS_CONFIG_NOT_PENDING");
    call.check("every LP of the platform is initialised", options.lp_init_at_any_time || every_lp,
               "TDX_SYS_CONFIG_NOT_PENDING");
    call.may_fail("an operand is not valid", options.may_fail, "TDX_OPERAND_INVALID", options.on_failure);
    call.succeed("sys_state = SYSCONFIG_DONE",
                 [&](StepWords& step) { step.set(sys_state, "SYSCONFIG_DONE"); });
  });
}

// tdh_sys_key_config.c: the package's bit is set, PCONFIG runs, and the bit is cleared again where it fails.
void SystemCalls::sys_key_config(const Caller& by) const {
  const Expr package = package_of_(by.cpu);
  seamcall(by, "TDH.SYS.KEY.CONFIG", Needs::lp_init, [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.check("sys_state is SYSCONFIG_DONE", sys_state == "SYSCONFIG_DONE",
               "TDX_SYS_KEY_CONFIG_NOT_PENDING");
    call.check("the package is not configured yet", !dsl::contains(packages_done, package),
               "TDX_KEY_CONFIGURED");
    call.may_fail("no entropy for PCONFIG", options.may_fail, "TDX_KEY_GENERATION_FAILED",
                  options.on_failure);
    call.succeed("the package's key is programmed", [&](StepWords& step) {
      step.set(packages_done, dsl::with(packages_done, package))
          .set_if(dsl::count(packages_done) + 1 == packages_.size(), sys_state, "SYS_READY");
    });
  });
}

// tdh_sys_tdmr_init.c; the one TDMR's mutex is wanted by nobody else. SUCCESS: all blocks are done.
void SystemCalls::sys_tdmr_init(const Caller& by) const {
  seamcall(by, "TDH.SYS.TDMR.INIT", Needs::readiness, [&](Seamcall& call) {
    call.check("the TDMR is not initialised yet", tdmr_left != 0, "TDX_TDMR_ALREADY_INITIALIZED");
    call.succeed("the next block of the TDMR is initialised",
                 [&](StepWords& step) { step.set(tdmr_left, tdmr_left - 1); });
  });
}

// Known from its use in Linux alone. The first call locks out every other one; an interrupt sends the caller
// round again while there is work left.
void SystemCalls::sys_disable(const Caller& by) const {
  seamcall(by, "TDH.SYS.DISABLE", Needs::no_check, [&](Seamcall& call) {
    call.take_or("TDX_SYS_BUSY", global_, dsl::exclusive);
    call.may_fail(
        "an interrupt stops it", disable_left_ != 0, "TDX_INTERRUPTED_RESUMABLE",
        [&](StepWords& step) { step.set(sys_state, "SYS_SHUTDOWN").set(disable_left_, disable_left_ - 1); });
    call.succeed("sys_state = SYS_SHUTDOWN", [&](StepWords& step) { step.set(sys_state, "SYS_SHUTDOWN"); });
  });
}

// tdh_mng_key_config.c, as far as the module as a whole is concerned.
void SystemCalls::mng_key_config(const Caller& by) const {
  seamcall(by, "TDH.MNG.KEY.CONFIG", Needs::readiness,
           [&](Seamcall& call) { call.succeed("the package has the TD's key", {}); });
}

// tdh_vp_enter.c, likewise.
void SystemCalls::vp_enter(const Caller& by) const {
  seamcall(by, "TDH.VP.ENTER", Needs::readiness, [&](Seamcall& call) { call.succeed("TD exit", {}); });
}

} // namespace tdxcheck::protocols
