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
           .expected = "one retry with the vCPUs kept out succeeds, as only vCPUs hold conflicting locks",
           .finding =
               "fault_ends: up to 1.5.16 a vCPU that steps on a page (here: never accepted, never "
               "zapped) takes the whole tree exclusive at each entry, so that PAGE.AUG of another vCPU "
               "may be BUSY without bound and its local fault loop need not end. No zap is hurt. From "
               "1.5.20 on (landed_1_5_20) it ends."});
  default_variant("landed");
  variant({.name = "landed_1_5_20",
           .set = {{"module", "1.5.20"}},
           .source = landed + "; TDX module 1.5.20, zero-step takes the tree lock shared",
           .expected = "as landed"});
  variant({.name = "landed_1_0",
           .set = {{"module", "1.0"}},
           .source = landed + "; TDX module 1.0, every leaf takes the tree exclusive",
           .expected = "as landed",
           .finding = "As landed; and where there is no lock per entry, only the tree and EPOCH make anybody "
                      "BUSY."});
  variant({.name = "landed_any_page",
           .set = {{"guest_faults", "any"}, {"guest_reads_attributes", "true"}},
           .source = landed + "; a guest that also steps on the page being zapped, and reads attributes",
           .expected = "as landed"});
  variant({.name = "landed_zero_step_6",
           .set = {{"zero_step_threshold", "6"}, {"guest_tdcalls", "false"}},
           .source = landed + "; the module's own zero-step threshold",
           .expected = "as landed"});
  variant({.name = "kick_only",
           .set = {{"keep_out", "nothing"}},
           .source = landed + ", without wait_for_sept_zap",
           .expected = "for the checker to decide",
           .finding =
               "Violated: kvm_make_all_cpus_request() returns when every vCPU was outside once; by then "
               "one may be inside TDH.VP.ENTER again, where it holds EPOCH (or the tree), or in an "
               "ACCEPT. The second try is BUSY: KVM_BUG_ON."});
  variant({.name = "flag_only",
           .set = {{"kick", "none"}},
           .source = landed + ", without the kick",
           .expected = "for the checker to decide",
           .finding =
               "Violated: the flag stops those who have not passed it yet; who is inside TDH.VP.ENTER or "
               "in a TDCALL already is not waited for."});
  variant({.name = "reenter",
           .set = {{"fastpath", "reenter"}},
           .source = "Linux 6.16, rejected in a comment of tdx_exit_handlers_fastpath: "
                     "EXIT_FASTPATH_REENTER_GUEST where the entry is BUSY",
           .expected = "the sender of the kick is blocked for ever",
           .finding =
               "Confirmed, and kvm_vcpu_exit_request() does not help: the zapper reads the mode "
               "IN_GUEST_MODE, the vCPU leaves, turns IRQs on and comes back to IN_GUEST_MODE with IRQs "
               "off before the IPI is sent. Then neither its mode nor a request tells it to leave the "
               "fast path, the flag keeps it from entering, and the IPI waits for IRQs. no_deadlock "
               "shows it; with an entry that is tried (VP.ENTER exits at once) or EXIT_HANDLED (IRQs on) "
               "it cannot happen."});
  variant({.name = "vcpu_init",
           .set = {{"creates_vcpus", "unlocked"}},
           .source = "Linux 6.16: KVM_TDX_INIT_VCPU against a punched hole, before the TD is finalized",
           .expected = "violated: TDH.VP.INIT takes TDR exclusive",
           .finding = "Violated on every side: a zap in the module makes TDH.VP.INIT BUSY, two vCPUs in "
                      "TDH.VP.INIT make each other BUSY, and both tries of a zap may meet one, which no kick "
                      "helps. Each is KVM_BUG_ON."});
  variant({.name = "vcpu_init_locked",
           .set = {{"creates_vcpus", "under_mmu_lock"}},
           .source = "\"KVM: TDX: Take MMU lock around tdh_vp_init()\", October 2025",
           .expected = "mends vcpu_init"});
}

void SeptZap::before_landing() {
  variant({.name = "v19",
           .set = v19,
           .source = "v19: seamcall_sept() and tdx_track() with tdh_mem_track",
           .expected = "BLOCK may give up after 16 retries; the rest ends",
           .finding =
               "no_kvm_bug: BLOCK that finds the entry locked by an ACCEPT answers BUSY with operand "
               "RCX, which the exact comparison with SEPT takes for another error: KVM_BUG_ON at the "
               "first try. If it is the tree, 16 retries are made, 17 calls, one more than the constant "
               "says, and all may be BUSY. no_livelock: REMOVE is repeated without bound. TRACK is never "
               "BUSY: whoever answers the request waits for the counter."});
  variant({.name = "v19_track",
           .set = {{"track_protocol", "v19"}},
           .source = "tdx_track() of v19 with the rule of Linux 6.16 for BLOCK and REMOVE; nobody's posting",
           .expected = "safe by design: the counter is raised before the kick",
           .finding =
               "TRACK is never even BUSY, and REMOVE needs no kick behind it: vCPUs stay out from before "
               "TRACK until after it. It costs an IPI to each vCPU per zap in any case, as the landed "
               "kick does."});
  variant({.name = "september_2024",
           .set = with_changes(v19, {{"track_protocol", "track_then_kick"}}),
           .source = "[PATCH 09/21], 2024-09-03: the arguments are copied before each call",
           .expected = "for the checker to decide; Rick Edgecombe: a guest can drive BLOCK into KVM_BUG_ON",
           .finding =
               "As v19, and TRACK may be BUSY without bound, too. That the arguments are copied before "
               "each call changes nothing here: only a locked entry (BUSY with operand RCX) leaves "
               "something else in RCX and RDX, and that status is not among those that the exact "
               "comparison repeats. With the landed test it matters: `landed --without fresh_arguments` "
               "fails."});
  variant({.name = "unlimited",
           .set = with_changes(september, {{"retries", "unlimited"}}),
           .source = thread_of_2024 + ": retry blindly, for BLOCK as v19 does for TRACK and REMOVE",
           .expected = "safe; a guest may keep the host busy for ever",
           .finding = "no_kvm_bug holds, no_livelock does not: each of BLOCK, TRACK and REMOVE may be BUSY "
                      "again and again while vCPUs come and go, for ever, with mmu_lock held for write."});
  variant({.name = "rfc_request",
           .set = {{"keep_out", "request"}},
           .source = "[RFC PATCH 0/2] SEPT SEAMCALL retry proposal, 2024-11-21",
           .expected = "one retry succeeds while KVM_REQ_NO_VCPU_ENTER_INPROGRESS is set",
           .finding = "Confirmed. A request that stays set needs kvm_vcpu_exit_request() to look at it after "
                      "the mode was stored."});
  variant({.name = "january_2025",
           .set = {{"busy_test", "error_bit"}},
           .source = "January 2025 posting, 4/7: err & TDX_OPERAND_BUSY",
           .expected = "the protocol is good, the test too broad: it repeats every error",
           .finding = "No difference to landed: the only errors that a zap meets here are BUSY."});
}

void SeptZap::proposals_of_2024() {
  const auto proposal = [&](const std::string& name, const Settings& changes, const std::string& said,
                            const std::string& expected, const std::string& finding) {
    variant({.name = name,
             .set = with_changes(september, changes),
             .source = thread_of_2024 + ": " + said,
             .expected = expected,
             .finding = finding});
  };
  proposal(
      "sean_two", {{"retries", "1"}, {"kick", "before_last"}},
      "Sean Christopherson: two tries, vCPUs kicked in between",
      "enough, if a host-priority lock keeps guests from taking it again",
      "Violated: EPOCH is no host-priority lock, nor is the tree before 1.5.20, and VP.ENTER takes both; "
      "and an ACCEPT that stores the entry forgets up to 1.5.16 that a host call waits.");
  proposal("sean_two_1_5_20", {{"retries", "1"}, {"kick", "before_last"}, {"module", "1.5.20"}},
           "Sean Christopherson: two tries; module 1.5.20 keeps host priority over stores of an entry",
           "enough, as the lock is a host-priority lock",
           "Violated all the same: TRACK is BUSY with EPOCH, and BLOCK with the tree, both held by VP.ENTER, "
           "a host call, which no host priority turns away.");
  const Settings entry_lock{{"retries", "1"},
                            {"kick", "before_last"},
                            {"guest_faults", "moving_on"},
                            {"track_and_remove", "until_not_busy"}};
  proposal(
      "sean_two_entry_lock", with_changes(entry_lock, {{"module", "1.5.20"}}),
      "Sean Christopherson: two tries for BLOCK, TRACK apart, no vCPU that steps; module 1.5.20",
      "enough: the entry's lock is a host-priority lock",
      "Confirmed for BLOCK: this is the premise under which the limit of two holds. (no_livelock is about "
      "TRACK and REMOVE, repeated without a kick here.)");
  proposal("sean_two_entry_lock_1_5_16", entry_lock,
           "likewise; module 1.5.16, where a store of the entry forgets host priority", "as before",
           "Violated: the first try marks the entry, the ACCEPT that held it completes and stores the entry "
           "without the mark, and another ACCEPT holds it at the second try.");
  const std::string no_number =
      "Violated: without something that keeps vCPUs out, no number of tries is enough. ";
  proposal("paolo_five", {{"retries", "4"}, {"kick", "before_last"}},
           "Paolo Bonzini: the vCPU may come back between kick and retry, so five tries", "safe enough",
           no_number + "He is right that it may come back; it may do so five times.");
  proposal("paolo_five_kicks", {{"retries", "4"}, {"kick", "each"}},
           "Paolo Bonzini: five tries, here each retry with a kick", "safe enough",
           no_number + "The shortest run is longer (52 steps instead of 25), that is all.");
  proposal("paolo_sixteen", {{"retries", "16"}}, "Paolo Bonzini: a limit of 16 is probably appropriate",
           "appropriate; otherwise crash the VM", no_number);
  proposal(
      "paolo_spinlock", {{"retries", "16"}, {"spinlock", "always"}},
      "Paolo Bonzini: a per-VM spinlock removes what the host does to itself",
      "only guest-induced BUSY is left",
      "As paolo_sixteen: mmu_lock keeps zaps and faults apart already, and VP.ENTER, which makes the zap "
      "BUSY, cannot be under the spinlock.");
  proposal("paolo_spinlock_after_busy", {{"retries", "16"}, {"spinlock", "after_busy"}},
           "Paolo Bonzini: the spinlock only after the first BUSY", "only guest-induced BUSY is left",
           "As paolo_spinlock.");
}

// On top of the landed rule, so that nothing but this differs.
void SeptZap::zero_step_proposals() {
  const auto proposal = [&](const std::string& name, const Settings& changes, const std::string& said,
                            const std::string& finding) {
    variant({.name = name,
             .set = with_changes({{"watches_entries", "true"}}, changes),
             .source = thread_of_2024 + ": " + said,
             .expected = "a vCPU gets past the zero-step check, and faults are resolved",
             .finding = finding});
  };
  const std::string no_bound =
      "entry_ends and fault_ends violated up to 1.5.16: there is no bound while another vCPU, "
      "which steps on a page that is there, takes the tree exclusive at each entry. ";
  proposal("zero_step_retry", {}, "Rick Edgecombe: let the fault handler repeat, and see", no_bound);
  proposal("zero_step_1_5_20", {{"module", "1.5.20"}},
           "likewise; TDX module 1.5.20, whose zero-step check takes the tree shared",
           "Both hold: the checks of two vCPUs and PAGE.AUG no longer conflict.");
  proposal("zero_step_reenter_guest", {{"fault_loop", "false"}},
           "go back to the guest after each fault that must be repeated, as before 2025",
           "entry_ends violated; fault_ends holds because each fault is tried once.");
  proposal("zero_step_write_lock", {{"on_zero_step", "write_lock"}},
           "Paolo Bonzini: write_lock and write_unlock mmu_lock where VP.ENTER is BUSY",
           no_bound +
               "The barrier waits for faults under way; the other vCPU's entries are not under mmu_lock.");
  proposal("zero_step_flag", {{"on_zero_step", "tell_fault_handler"}},
           "Sean Christopherson: a synthetic bit tells the fault handler to kick",
           no_bound + "The kicked vCPU comes back before PAGE.AUG is made.");
  proposal("zero_step_kick", {{"on_zero_step", "kick"}}, "Sean Christopherson: kick where VP.ENTER is BUSY",
           no_bound + "The kicked vCPU comes back before this one enters.");
}

void SeptZap::other_work() {
  const std::string series = "huge page series of 2025 and 2026: split by BLOCK, TRACK, DEMOTE";
  variant({.name = "demote",
           .set = {{"work", "demote"}, {"demote_retries", "0"}},
           .source = series,
           .expected = "violated: DEMOTE answers TDX_INTERRUPTED_RESTARTABLE, which nobody repeats",
           .finding = "Confirmed: an interrupt that is pending when DEMOTE has filled the new table ends in "
                      "KVM_BUG_ON."});
  variant({.name = "demote_loop",
           .set = {{"work", "demote"}},
           .source = series + "; repeated as long as it is interrupted",
           .expected = "mends demote",
           .finding =
               "no_kvm_bug holds. no_livelock does not, under an interrupt in each try: hardware is not "
               "assumed to be fair. In practice an interrupt handler runs in between and the next try is "
               "undisturbed."});
  variant({.name = "demote_bounded",
           .set = {{"work", "demote"}, {"demote_retries", "4"}},
           .source = series + "; a tester's loop of 10000 rounds, scaled down",
           .expected = "mends demote in practice",
           .finding = "KVM_BUG_ON after as many interruptions as the bound; 10000 in a row take an interrupt "
                      "storm."});
}

} // namespace tdxcheck::protocols
