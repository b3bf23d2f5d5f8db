// SPDX-License-Identifier: GPL-2.0-or-later

// TDH.MNG.*: a TD from its creation to the release of its HKID. All but RD and WR hold TDR exclusive, which
// keeps everybody out that could change what they check; the key ownership table has a lock of its own.

#include "protocols/module/td.h"

namespace tdxcheck::protocols {

using dsl::Expr;

// tdh_mng_create.c. The page is not yet a TDR, but the lock of its PAMT entry is the TDR lock to be.
void Td::mng_create(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.CREATE", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    call.check("the page is free", lifecycle[td] == "TD_NONE", "TDX_PAGE_METADATA_INCORRECT");
    call.take(kot_, dsl::exclusive, "KOT");
    call.check("the HKID is free", hkid_state[td] == "HKID_FREE", "TDX_HKID_NOT_FREE");
    call.may_fail("no entropy", system_->entropy_may_fail, "TDX_RND_NO_ENTROPY");
    call.succeed("the HKID is assigned", [&](auto& step) {
      step.set(hkid_state[td], "HKID_ASSIGNED")
          .set(lifecycle[td], "TD_HKID_ASSIGNED")
          .set(op_state[td], "UNINITIALIZED")
          .set(tdcs[td], 0)
          .set(fatal[td], false)
          .set(keyed[td], dsl::empty_set())
          .set(tdr_page[td], true);
    });
  });
}

// tdh_mng_key_config.c, once per package
void Td::mng_key_config(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.KEY.CONFIG", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    call.read("TDR.FATAL is clear", !fatal[td], "TDX_TD_FATAL", spec_.modelled.fatal);
    call.check("lifecycle is TD_HKID_ASSIGNED", lifecycle[td] == "TD_HKID_ASSIGNED",
               "TDX_LIFECYCLE_STATE_INCORRECT");
    call.check("the package has no key yet", !contains(keyed[td], by.cpu), "TDX_KEY_CONFIGURED");
    call.may_fail("PCONFIG has no entropy", system_->entropy_may_fail, "TDX_KEY_GENERATION_FAILED");
    const Expr with_this = with(keyed[td], by.cpu);
    call.succeed("the package has the key", [&](auto& step) {
      step.set(keyed[td], with_this)
          .set_if(dsl::count(with_this) == system_->cpus.size(), lifecycle[td], "TD_KEYS_CONFIGURED");
    });
  });
}

// tdh_mng_add_cx.c
void Td::mng_addcx(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.ADDCX", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RDX");
    check_keys(call, td);
    call.check("a TDCS page is missing", tdcs[td] < spec_.tdcs_pages, "TDX_TDCX_NUM_INCORRECT");
    call.may_fail("no entropy", system_->entropy_may_fail, "TDX_RND_NO_ENTROPY");
    call.succeed("a TDCS page is added", [&](auto& step) { step.set(tdcs[td], tdcs[td] + 1); });
  });
}

// tdh_mng_init.c
void Td::mng_init(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.INIT", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    check_keys(call, td);
    check_tdcs(call, td);
    check_op_state(call, op_state[td] == "UNINITIALIZED");
    call.succeed("OP_STATE becomes INITIALIZED", [&](auto& step) { step.set(op_state[td], "INITIALIZED"); });
  });
}

// tdh_mng_rd_wr.c
void Td::mng_rd(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.RD", [&](Seamcall& call) {
    take_tdr(call, td, dsl::shared, "RCX");
    check_keys(call, td);
    check_tdcs(call, td);
    call.take(op_state_lock_[td], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[td] != "UNINITIALIZED");
    call.succeed("the field is read", {});
  });
}

// The new value depends on the old one, and goes in by compare-and-exchange.
void Td::mng_wr(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.WR", [&](Seamcall& call) {
    take_tdr(call, td, dsl::shared, "RCX");
    check_keys(call, td);
    check_tdcs(call, td);
    call.take(op_state_lock_[td], dsl::shared, "OP_STATE");
    check_op_state(call, op_state[td] != "UNINITIALIZED");
    const dsl::Variable old = by.t.scratch("field", dsl::boolean(), false);
    call.step_if(spec_.modelled.metadata, "read the field",
                 [&](auto& step) { step.set(old, metadata_[td]); });
    call.compare("the field is as it was read", !spec_.modelled.metadata || metadata_[td] == old,
                 "METADATA_FIELD");
    call.succeed("the field is written", [&](auto& step) {
      step.set_if(spec_.modelled.metadata, metadata_[td], !old).set(old, false);
    });
  });
}

// tdh_mng_vpflushdone.c. FATAL is not looked at.
void Td::mng_vpflushdone(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.VPFLUSHDONE", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    call.take(kot_, dsl::exclusive, "KOT");
    const Expr no_keys = lifecycle[td] == "TD_HKID_ASSIGNED";
    call.check("lifecycle is HKID_ASSIGNED or KEYS_CONFIGURED", keys_configured(td) || no_keys,
               "TDX_LIFECYCLE_STATE_INCORRECT");
    call.check("no vCPU is associated",
               no_keys || op_state[td] == "UNINITIALIZED" || associated_vcpus(td) == 0,
               "TDX_FLUSHVP_NOT_DONE");
    call.succeed("the HKID becomes FLUSHED", [&](auto& step) {
      step.set(lifecycle[td], "TD_BLOCKED")
          .set(hkid_state[td], "HKID_FLUSHED")
          .set(written_back[td], dsl::empty_set());
    });
  });
}

// tdh_mng_key_freeid.c
void Td::mng_key_freeid(const Caller& by, const Expr& td) const {
  seamcall(by, "MNG.KEY.FREEID", [&](Seamcall& call) {
    take_tdr(call, td, dsl::exclusive, "RCX");
    call.check("lifecycle is TD_BLOCKED", lifecycle[td] == "TD_BLOCKED", "TDX_LIFECYCLE_STATE_INCORRECT");
    call.take(kot_, dsl::exclusive, "KOT");
    call.check("every package has written back", every_package_wrote_back(td), "TDX_WBCACHE_NOT_COMPLETE");
    call.succeed("the HKID is free", [&](auto& step) {
      step.set(hkid_state[td], "HKID_FREE").set(lifecycle[td], "TD_TEARDOWN");
    });
  });
}

Expr Td::associated_vcpus(const Expr& td) const {
  const Expr all = dsl::count(vcpus, "v", [&](const Expr& v) { return associated(v); });
  return choose(td == vm(), all, 0);
}

Expr Td::every_package_wrote_back(const Expr& td) const {
  return dsl::count(written_back[td]) == system_->cpus.size();
}

} // namespace tdxcheck::protocols
