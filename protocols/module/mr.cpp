// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.MR.*: the measurement of a TD that is being built. TDR exclusive, and no other lock.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;

// tdh_mr_extend.c
void Td::mr_extend(const Caller& by, const Expr& gfn) const {
  const SeptEntry e = leaf(gfn);
  seamcall(by, "MR.EXTEND", [&](Seamcall& call) {
    take_tdr(call, vm(), dsl::exclusive, "RDX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    check_op_state(call, op_state[vm()] == "INITIALIZED");
    call.check("the page is MAPPED", e.walk_reaches && e.state == "MAPPED", "TDX_EPT_ENTRY_NOT_PRESENT");
    call.succeed("MRTD is extended", {});
  });
}

// tdh_mr_finalize.c
void Td::mr_finalize(const Caller& by) const {
  seamcall(by, "MR.FINALIZE", [&](Seamcall& call) {
    take_tdr(call, vm(), dsl::exclusive, "RCX");
    check_keys(call, vm());
    check_tdcs(call, vm());
    check_op_state(call, op_state[vm()] == "INITIALIZED");
    call.check("a vCPU was initialised",
               dsl::exists(vcpus, "v",
                           [&](const Expr& v) {
                             return vcpu_state[v] != "NONE" && vcpu_state[v] != "UNINITIALIZED";
                           }),
               "TDX_NO_VCPUS");
    call.succeed("OP_STATE becomes RUNNABLE", [&](auto& step) { step.set(op_state[vm()], "RUNNABLE"); });
  });
}

} // namespace tdxcheck::protocols
