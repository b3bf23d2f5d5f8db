// SPDX-License-Identifier: GPL-2.0-or-later

// The variants of sharex_hp_lock. The essay is at the head of sharex_hp_lock.cpp.

#include "protocols/sharex_hp_lock/sharex_hp_lock.h"

namespace tdxcheck::protocols {

namespace {

const std::string module_source = "TDX module 1.5.01 to 1.5.25, src/common/helpers/tdx_locks.h";
const std::string nobody = "nobody's posting";

const std::string stray_retreat =
    "A guest that finds HP set takes its reader out again by a second atomic, and does not look at X. If X "
    "was "
    "set as well and its holder releases in between, the release has wiped that reader already. Shortest: "
    "one "
    "host holds it exclusively, a second is refused and sets HP; the guest adds its reader and finds HP; the "
    "holder releases, HP alone is left; the guest takes out a reader of 0, and the counter is full. From "
    "then "
    "on no host gets it exclusively, and the next that wants it shared finds the counter full: UD2, the "
    "module "
    "is shut down. If a host gets it shared before the guest's second atomic, the guest removes that host's "
    "reader instead, and an exclusive holder comes in beside it (mutual_exclusion), unnoticed until one of "
    "them releases. It takes a TDCALL that takes such a lock shared, on a lock that hosts fight for: with "
    "service TDs, TDG.SERVTD.RD/WR on the TDR, OP_STATE and SERVTD_BINDINGS of the target TD, and on RTMR, "
    "which TDG.MR.REPORT takes, too. Variant mended does without. ";
const std::string late_marks =
    "HP may be set on a free lock, as it is set by an atomic after the refusal; guests are turned away then "
    "until a host takes the lock. A host that loses the second compare-and-exchange is told BUSY though the "
    "lock may be free by then, and leaves no HP. ";
const std::string guests_in_the_way =
    "A reader that a refused guest has not taken out yet makes both compare-and-exchanges of an exclusive "
    "host "
    "fail: a guest that hammers may keep the host out although HP is set, as long as their steps interleave "
    "that way. ";

} // namespace

void SharexHpLock::variants() {
  users_of_the_lock();
  questions();
}

void SharexHpLock::users_of_the_lock() {
  variant({.name = "module",
           .set = {},
           .source = module_source,
           .expected = "the sanity checks never fail; HP keeps guests out until a host has had its turn",
           .finding = stray_retreat + late_marks + guests_in_the_way});
  default_variant("module");
  variant(
      {.name = "module_retrying",
       .set = {{"host_retries", "true"}},
       .source = module_source + "; hosts repeat what was BUSY",
       .expected = "HP is cleared in the end",
       .finding = stray_retreat + late_marks + guests_in_the_way +
                  "Two hosts that promote and repeat may keep each other out for ever: each adds its reader "
                  "again before the other promotes. A stream of shared hosts starves an exclusive one; HP is "
                  "no writer preference."});
  variant({.name = "full_width",
           .set = {{"counter_width", "14"}, {"for_ever", "false"}},
           .source = module_source + "; the counter as wide as it is, each caller once",
           .expected = "as module",
           .finding = stray_retreat + late_marks});
  variant(
      {.name = "hosts_only",
       .set = {{"hosts", "4"}, {"guests", "0"}},
       .source = module_source + "; SEPT_TREE from 1.5.20, and every other such lock where there are no "
                                 "service TDs",
       .expected = "the sanity checks never fail",
       .finding = "They do not: without guests the lock is right. HP, which nobody obeys here, stays set if "
                  "the refused host does not come back. " +
                  late_marks});
  variant({.name = "hosts_only_retrying",
           .set = {{"hosts", "3"}, {"guests", "0"}, {"host_retries", "true"}},
           .source = module_source + "; hosts repeat what was BUSY",
           .expected = "an exclusive host can starve, HP or not",
           .finding = "It can; and two hosts that promote and repeat may keep each other out for ever."});
  variant({.name = "rtmr",
           .set = {{"host_takes_exclusive", "false"}, {"host_promotes", "false"}},
           .source = module_source + "; RTMR: SERVTD.BIND shared, TDG.MR.REPORT shared, TDG.MR.RTMR.EXTEND "
                                     "exclusive",
           .expected = "the sanity checks never fail",
           .finding = stray_retreat});
  variant(
      {.name = "servtd_bindings",
       .set = {{"host_takes_shared", "false"},
               {"host_promotes", "false"},
               {"guest_takes_exclusive", "false"}},
       .source = module_source + "; SERVTD_BINDINGS: SERVTD.BIND, PREBIND exclusive, TDG.SERVTD.RD/WR shared",
       .expected = "the sanity checks never fail",
       .finding = stray_retreat + "Here two readers are taken out where one was added, so that a TDCALL "
                                  "loses its lock."});
  variant({.name = "tdr_of_target",
           .set = {{"host_promotes", "false"}, {"guest_takes_exclusive", "false"}},
           .source = module_source + "; TDR and OP_STATE of a TD that a service TD reads by TDG.SERVTD.RD",
           .expected = "the sanity checks never fail",
           .finding = stray_retreat + "The second host may be any SEAMCALL on the TD while, say, "
                                      "TDH.MNG.VPFLUSHDONE holds the TDR."});
}

void SharexHpLock::questions() {
  variant({.name = "mended",
           .set = {{"guest_retreats", "unless_exclusive"}},
           .source = nobody + ": a guest that finds X set leaves its reader to the release, HP or not",
           .expected = "mends every sanity check and mutual exclusion",
           .finding =
               "It does. While X is clear the reader of a guest keeps everybody from setting X, so that it "
               "is still there to be taken out. What is left is what HP does not promise: " +
               late_marks + guests_in_the_way});
  variant({.name = "mended_retrying",
           .set = {{"guest_retreats", "unless_exclusive"}, {"host_retries", "true"}},
           .source = nobody,
           .expected = "HP is cleared in the end",
           .finding = late_marks + guests_in_the_way});
  variant({.name = "host_against_exclusive_guests",
           .set = {{"hosts", "1"},
                   {"host_takes_shared", "false"},
                   {"host_promotes", "false"},
                   {"guest_takes_shared", "false"},
                   {"host_retries", "true"}},
           .source = module_source,
           .expected = "what HP is for: the host gets its turn, and HP is cleared"});
  variant({.name = "host_against_shared_guest",
           .set = {{"hosts", "1"},
                   {"guests", "1"},
                   {"host_takes_shared", "false"},
                   {"host_promotes", "false"},
                   {"guest_takes_exclusive", "false"},
                   {"host_retries", "true"}},
           .source = module_source,
           .expected = "what HP is for: the host gets its turn, and HP is cleared",
           .finding = guests_in_the_way +
                      "The time limit on refusals of a guest (a second by default) ends that in practice."});
  variant(
      {.name = "counter_too_small",
       .set = {{"hosts", "4"}, {"guests", "0"}, {"counter_width", "2"}},
       .source = "the lock of the module with a counter of 2 bits",
       .expected = "violated: w bits have room for 2^w - 1 readers; one more wraps to 0 and is noticed",
       .finding = "The 14 bits of the module hold 16383. The carry leaves the word; no bit of it is hurt."});
  variant({.name = "counter_full_retreat",
           .set = {{"hosts", "3"},
                   {"guests", "1"},
                   {"counter_width", "1"},
                   {"guest_retreats", "unless_exclusive"},
                   {"host_promotes", "false"}},
           .source = "the mended lock with a counter of 1 bit, full with its one reader",
           .expected = "for the checker to decide",
           .finding =
               "A guest that is about to retreat from a full counter wraps it to 0 without being noticed, "
               "and an exclusive host comes in beside the readers. It takes 16383 of them in the module."});
}

} // namespace tdxcheck::protocols
