// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sept_zap. The essay is at the head of sept_zap.cpp.

#include "protocols/sept_zap/sept_zap.h"

namespace tdxcheck::protocols {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

// The later setting of a parameter counts.
Settings with_changes(Settings settings, const Settings& changes) {
  for (const auto& change : changes) {
    std::erase_if(settings, [&](const auto& setting) { return setting.first == change.first; });
    settings.push_back(change);
  }
  return settings;
}

// What v11 to v19 did with TRACK and REMOVE: again until it is not BUSY.
const Settings v19{{"retries", "16"},
                   {"kick", "none"},
                   {"keep_out", "nothing"},
                   {"busy_test", "exact_sept"},
                   {"track_and_remove", "until_not_busy"},
                   {"track_protocol", "v19"},
                   {"fault_loop", "false"}};

// The rule that is discussed in September 2024, on the code of that month.
const Settings september{{"kick", "none"},
                         {"keep_out", "nothing"},
                         {"track_protocol", "track_then_kick"},
                         {"fault_loop", "false"}};

const std::string thread_of_2024 =
    "\"Re: [PATCH 09/21] KVM: TDX: Retry seamcall when TDX_OPERAND_BUSY with operand SEPT\", September 2024";

} // namespace

void SeptZap::variants() {
  landed_variants();
  before_landing();
  proposals_of_2024();
  zero_step_proposals();
  other_work();
}

void SeptZap::landed_variants() {
  const std::string landed = "Linux 6.16, arch/x86/kvm/vmx/tdx.c, tdx_sept_remove_private_spte";
  variant({.name = "landed",
           .set = {},
           .source = landed,
           .expected = "one retry with the vCPUs kept out succeeds, as only vCPUs hold conflicting locks"});
  default_variant("landed");
  variant({.name = "landed_1_5_20",
           .set = {{"module", "1.5.20"}},
           .source = landed + "; TDX module 1.5.20, zero-step takes the tree lock shared",
           .expected = "as landed"});
  variant({.name = "landed_1_0",
           .set = {{"module", "1.0"}},
           .source = landed + "; TDX module 1.0, every leaf takes the tree exclusive",
           .expected = "as landed"});
  variant({.name = "landed_zero_step_6",
           .set = {{"zero_step_threshold", "6"}},
           .source = landed + "; the module's own zero-step threshold",
           .expected = "as landed"});
  variant({.name = "kick_only",
           .set = {{"keep_out", "nothing"}},
           .source = landed + ", without wait_for_sept_zap",
           .expected = "for the checker to decide"});
  variant({.name = "flag_only",
           .set = {{"kick", "none"}},
           .source = landed + ", without the kick",
           .expected = "for the checker to decide"});
  variant({.name = "reenter",
           .set = {{"fastpath", "reenter"}},
           .source = "Linux 6.16, rejected in a comment of tdx_exit_handlers_fastpath: "
                     "EXIT_FASTPATH_REENTER_GUEST where the entry is BUSY",
           .expected = "the sender of the kick is blocked for ever"});
  variant({.name = "vcpu_init",
           .set = {{"creates_vcpus", "unlocked"}},
           .source = "Linux 6.16: KVM_TDX_INIT_VCPU against a punched hole, before the TD is finalized",
           .expected = "violated: TDH.VP.INIT takes TDR exclusive"});
  variant({.name = "vcpu_init_locked",
           .set = {{"creates_vcpus", "under_mmu_lock"}},
           .source = "\"KVM: TDX: Take MMU lock around tdh_vp_init()\", October 2025",
           .expected = "mends vcpu_init"});
}

void SeptZap::before_landing() {
  variant({.name = "v19",
           .set = v19,
           .source = "v19: seamcall_sept() and tdx_track() with tdh_mem_track",
           .expected = "BLOCK may give up after 16 retries; the rest ends"});
  variant({.name = "september_2024",
           .set = with_changes(v19, {{"track_protocol", "track_then_kick"}}),
           .source = "[PATCH 09/21], 2024-09-03: the arguments are copied before each call",
           .expected = "for the checker to decide; Rick Edgecombe: a guest can drive BLOCK into KVM_BUG_ON"});
  variant({.name = "unlimited",
           .set = with_changes(september, {{"retries", "unlimited"}}),
           .source = thread_of_2024 + ": retry blindly, for BLOCK as v19 does for TRACK and REMOVE",
           .expected = "safe; a guest may keep the host busy for ever"});
  variant({.name = "rfc_request",
           .set = {{"keep_out", "request"}},
           .source = "[RFC PATCH 0/2] SEPT SEAMCALL retry proposal, 2024-11-21",
           .expected = "one retry succeeds while KVM_REQ_NO_VCPU_ENTER_INPROGRESS is set"});
  variant({.name = "january_2025",
           .set = {{"busy_test", "error_bit"}},
           .source = "January 2025 posting, 4/7: err & TDX_OPERAND_BUSY",
           .expected = "the protocol is good, the test too broad: it repeats every error"});
}

void SeptZap::proposals_of_2024() {
  const auto proposal = [&](const std::string& name, const Settings& changes, const std::string& said,
                            const std::string& expected) {
    variant({.name = name,
             .set = with_changes(september, changes),
             .source = thread_of_2024 + ": " + said,
             .expected = expected});
  };
  proposal("sean_two", {{"retries", "1"}, {"kick", "before_last"}},
           "Sean Christopherson: two tries, vCPUs kicked in between",
           "enough, if a host-priority lock keeps guests from taking it again");
  proposal("sean_two_1_5_20", {{"retries", "1"}, {"kick", "before_last"}, {"module", "1.5.20"}},
           "Sean Christopherson: two tries; module 1.5.20 keeps host priority over stores of an entry",
           "enough, as the lock is a host-priority lock");
  proposal("paolo_five", {{"retries", "4"}, {"kick", "before_last"}},
           "Paolo Bonzini: the vCPU may come back between kick and retry, so five tries", "safe enough");
  proposal("paolo_five_kicks", {{"retries", "4"}, {"kick", "each"}},
           "Paolo Bonzini: five tries, here each retry with a kick", "safe enough");
  proposal("paolo_sixteen", {{"retries", "16"}}, "Paolo Bonzini: a limit of 16 is probably appropriate",
           "appropriate; otherwise crash the VM");
  proposal("paolo_spinlock", {{"retries", "16"}, {"spinlock", "always"}},
           "Paolo Bonzini: a per-VM spinlock removes what the host does to itself",
           "only guest-induced BUSY is left");
  proposal("paolo_spinlock_after_busy", {{"retries", "16"}, {"spinlock", "after_busy"}},
           "Paolo Bonzini: the spinlock only after the first BUSY", "only guest-induced BUSY is left");
}

void SeptZap::zero_step_proposals() {
  const auto proposal = [&](const std::string& name, const std::string& what, const std::string& said) {
    variant(
        {.name = name,
         .set = with_changes(september, {{"retries", "1"}, {"kick", "before_last"}, {"on_zero_step", what}}),
         .source = thread_of_2024 + ": " + said,
         .expected = "a vCPU gets past the zero-step check"});
  };
  proposal("zero_step_retry", "retry", "Rick Edgecombe: let KVM go on faulting");
  proposal("zero_step_write_lock", "write_lock",
           "Paolo Bonzini: write_lock and write_unlock mmu_lock where VP.ENTER is BUSY");
  proposal("zero_step_flag", "tell_fault_handler",
           "Sean Christopherson: a synthetic bit tells the fault handler to kick");
  proposal("zero_step_kick", "kick", "Sean Christopherson: kick where VP.ENTER is BUSY");
}

void SeptZap::other_work() {
  const std::string series = "huge page series of 2025 and 2026: split by BLOCK, TRACK, DEMOTE";
  variant({.name = "demote",
           .set = {{"work", "demote"}, {"demote_retries", "0"}},
           .source = series,
           .expected = "violated: DEMOTE answers TDX_INTERRUPTED_RESTARTABLE, which nobody repeats"});
  variant({.name = "demote_loop",
           .set = {{"work", "demote"}},
           .source = series + "; repeated as long as it is interrupted",
           .expected = "mends demote"});
  variant({.name = "demote_bounded",
           .set = {{"work", "demote"}, {"demote_retries", "4"}},
           .source = series + "; a tester's loop of 10000 rounds, scaled down",
           .expected = "mends demote in practice"});
}

} // namespace tdxcheck::protocols
