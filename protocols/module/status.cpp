// SPDX-License-Identifier: GPL-2.0-or-later

// The statuses that the leaves here answer (include/auto_gen/tdx_error_codes_defs.h), and the operands that
// some of them name.

#include "protocols/module/seamcall.h"

namespace tdxcheck::protocols {

dsl::Type status_type() {
  return dsl::enumeration(
      "status",
      {"SUCCESS", "TDX_OPERAND_BUSY", "TDX_SYS_BUSY", "TDX_PREVIOUS_TLB_EPOCH_BUSY",
       // TD exits that are told apart; any other exit is SUCCESS.
       "EXIT_EPT_VIOLATION", "TDX_HOST_PRIORITY_BUSY_TIMEOUT", "TDX_NON_RECOVERABLE_TD",
       // What can be mended.
       "TDX_TLB_TRACKING_NOT_DONE", "TDX_GPA_RANGE_NOT_BLOCKED", "TDX_INTERRUPTED_RESUMABLE",
       "TDX_INTERRUPTED_RESTARTABLE", "TDX_INTERRUPTED_BUSY", "TDX_FLUSHVP_NOT_DONE",
       "TDX_WBCACHE_NOT_COMPLETE", "TDX_KEY_GENERATION_FAILED", "TDX_RND_NO_ENTROPY",
       // Told for information.
       "TDX_GPA_RANGE_ALREADY_BLOCKED", "TDX_NO_HKID_READY_TO_WBCACHE", "TDX_KEY_CONFIGURED",
       "TDX_PAGE_ALREADY_ACCEPTED",
       // A state that is not the right one.
       "TDX_EPT_WALK_FAILED", "TDX_EPT_ENTRY_STATE_INCORRECT", "TDX_EPT_ENTRY_NOT_PRESENT",
       "TDX_EPT_PAGE_NOT_FREE", "TDX_EPT_INVALID_PROMOTE_CONDITIONS", "TDX_PAGE_METADATA_INCORRECT",
       "TDX_PAGE_SIZE_MISMATCH", "TDX_VCPU_STATE_INCORRECT", "TDX_VCPU_ASSOCIATED", "TDX_VCPU_NOT_ASSOCIATED",
       "TDX_LIFECYCLE_STATE_INCORRECT", "TDX_TD_KEYS_NOT_CONFIGURED", "TDX_TD_FATAL",
       "TDX_TDCS_NOT_ALLOCATED", "TDX_TDCX_NUM_INCORRECT", "TDX_OP_STATE_INCORRECT", "TDX_NO_VCPUS",
       "TDX_HKID_NOT_FREE", "TDX_WBCACHE_RESUME_ERROR", "TDX_TD_ASSOCIATED_PAGES_EXIST",
       "TDX_HPA_RANGE_NOT_FREE", "TDX_NO_PAMT_PAGE_PAIR", "TDX_PAMT_PAGE_NOT_EMPTY",
       // The module as a whole.
       "TDX_SYS_NOT_READY", "TDX_SYS_SHUTDOWN", "TDX_SYS_INIT_NOT_PENDING", "TDX_SYS_LP_INIT_NOT_PENDING",
       "TDX_SYS_LP_INIT_DONE", "TDX_SYS_CONFIG_NOT_PENDING", "TDX_SYS_KEY_CONFIG_NOT_PENDING",
       "TDX_SYS_LP_INIT_NOT_DONE", "TDX_SYS_STATE_INCORRECT", "TDX_TDMR_ALREADY_INITIALIZED",
       // Not the module's: SEAMCALL itself faults, and the wrapper makes a status of it.
       "TDX_SEAMCALL_UD", "TDX_OPERAND_INVALID"});
}

dsl::Type operand_type() {
  return dsl::enumeration("operand", {"none", "RAX", "RCX", "RDX", "R8", "TDR", "OP_STATE", "SEPT_TREE",
                                      "TD_EPOCH", "KOT", "KET", "WBCACHE", "METADATA_FIELD", "RTMR"});
}

dsl::Variable status_register(dsl::Thread& t) { return t.local("rax", status_type(), "SUCCESS"); }

} // namespace tdxcheck::protocols
