// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of cpu_bringup. The essay is at the head of cpu_bringup.cpp.

#include "properties/properties.h"
#include "protocols/cpu_bringup/cpu_bringup.h"

namespace tdxcheck::protocols {

using dsl::Expr;

void CpuBringup::claims() {
  using namespace properties;
  const auto every_cpu = [this](const dsl::Predicate& holds) { return dsl::for_all(cpus.set, "c", holds); };
  const Expr is_on = outcome == "ON" && !rebooting && !frozen, is_off = outcome == "OFF" && !rebooting;
  const Expr keeps_vmx_on = form != "v19";

  no_deadlock(*this);
  lock_discipline(*this);
  lock_order(*this);
  no_livelock(*this);
  no_starvation(*this, "every bring-up, hotplug operation and TD creation ends");
  assertion(*this, "vmxon_first", "no SEAMCALL is made on a pCPU outside VMX operation: it would be #UD");
  assertion(*this, "lp_init_first", "no SEAMCALL but SYS.INIT and LP.INIT is made on a pCPU before LP.INIT");
  assertion(*this, "missing_lp_init_is_told",
            "whoever forgot LP.INIT is told so by a status, as VMXON is by #UD: the two can be told apart");
  assertion(*this, "sys_init_once", "TDH.SYS.INIT is executed once");
  assertion(*this, "one_reference_each", "7.1: a user holds one reference per pCPU, or none");
  assertion(*this, "no_sys_busy",
            "no TDH.SYS call finds the module's global lock taken: nobody would repeat it");
  assertion(*this, "no_kvm_bug", "no KVM_BUG_ON");
  assertion(
      *this, "no_warning",
      "IRQs are off where tdx_cpu_enable() wants them off; VMX operation is on where it should be and off "
      "where it should be");
  always(
      *this, "no_package_is_lost", implies(keys_needed, every_package_is_online()),
      "no package loses its last pCPU between the package check and KEY.CONFIG, or while an HKID is in use");
  always(*this, "refused_stays_offline",
         implies(is_on, every_cpu([&](const Expr& c) { return !(tdx.lp_refused[c] && hp.is_online(c)); })),
         "a pCPU whose LP.INIT failed does not become online");
  always(*this, "online_is_ready",
         implies(is_on, every_cpu([&](const Expr& c) {
                   return implies(hp.is_online(c), tdx.lp_is_init[c] && implies(keeps_vmx_on, tdx.vmx_on[c]));
                 })),
         "once TDX is up every online pCPU has LP.INIT behind it and, where the form promises it, is in VMX "
         "operation");
  always(
      *this, "success_is_complete",
      implies(is_on, tdx.is_ready() && implies(form == "v7_1" || form == "v6_16", tdx_state.installed) &&
                         implies(form != "v7_1" && form != "v19", kvm_usage_count != 0)),
      "a bring-up that says so has left the module ready, its callbacks installed and its reference taken");
  always(*this, "nothing_half_registered",
         implies(is_off && !other_vm && !dsl::in_region("user_enabling"),
                 !tdx_state.installed && kvm_usage_count == 0 && every_cpu([&](const Expr& c) {
                   return vmx_refs[c] == 0 && implies(hp.is_online(c), !tdx.vmx_on[c]);
                 })),
         "a bring-up that failed leaves no callback, no reference and no pCPU in VMX operation");
  always(*this, "fails_for_a_reason", implies(is_off, excused),
         "the bring-up fails only if the hardware does, KVM cannot use the module, or a package is offline");
  recoverable(*this, "every_pcpu_can_come_back",
              rebooting || every_cpu([&](const Expr& c) { return hp.is_online(c); }),
              "no pCPU stays offline for ever");
  const auto possible = [this](const std::string& name, const Expr& condition, const std::string& doc,
                               const Expr& claimed_when) {
    claim(name, model::Sometimes{condition.tree()}, doc, dsl::Location::current(), claimed_when);
  };
  const Expr usable = !unsupported || cleanup_returns == "OK";
  possible("tdx_comes_up", is_on, "the bring-up can succeed", usable);
  possible("a_td_gets_its_keys", keys_needed, "a TD can be created", usable && td);
  possible("a_pcpu_is_late",
           is_on && dsl::exists(cpus.set, "c",
                                [&](const Expr& c) { return hp.is_offline(c) && !tdx.lp_is_init[c]; }),
           "a pCPU without LP.INIT is still to come when TDX is up already",
           usable && lp_init_window == "any_time" && !all_present && pcpus > packages &&
               ((form != "v7_1" && hotplug) || offline_at_boot));
  possible(
      "a_veto_is_due",
      hkid_in_use &&
          dsl::exists(cpus.set, "c",
                      [&](const Expr& c) { return hp.state[c] == "BETWEEN" && is_last_of_its_package(c); }),
      "the last pCPU of a package wants to leave while a TD lives", usable && td && hotplug && packages == 2);
}

} // namespace tdxcheck::protocols
