// SPDX-License-Identifier: GPL-2.0-or-later

// The claims and the variants of sharex_lock. The essay is at the head of sharex_lock.cpp.

#include "protocols/sharex_lock/sharex_lock.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

Expr SharexLockWord::some_host(const std::string& region) const {
  return dsl::exists(host, "h", [&](const Expr& h) { return dsl::in_region(region, h); });
}

void SharexLockWord::claims() {
  using namespace properties;
  const Expr sharing = some_host("host_shared"), excluding = some_host("host_exclusive");
  const Expr exclusives =
      count(host, "h", [&](const Expr& h) { return dsl::in_region("host_exclusive", h); });
  const Expr alive = !shut_down;

  always(*this, "mutual_exclusion", implies(alive, exclusives <= 1 && !(excluding && sharing)),
         "an exclusive holder is alone");
  always(*this, "exclusive_bit_kept", implies(alive && excluding, exclusive_bit()),
         "X stays set while somebody holds the lock exclusively");
  always(*this, "no_lost_reader", implies(alive && sharing, !exclusive_bit() && !no_readers()),
         "a shared holder is counted, and X is clear");
  always(*this, "no_phantom_reader", implies(alive && !exclusive_bit() && !no_readers(), sharing),
         "while X is clear, a reader in the word is a caller that holds the lock");

  const std::string shuts_down = "; the module shuts down (UD2) where this fails";
  assertion(*this, "shared_release_finds_reader",
            "a shared release finds X clear and a reader in the word" + shuts_down);
  assertion(*this, "exclusive_release_finds_x", "an exclusive release finds X set" + shuts_down);
  assertion(*this, "demote_finds_x", "a demotion finds X set" + shuts_down);
  assertion(*this, "shared_acquire_finds_room",
            "a successful shared acquisition does not find the counter full" + shuts_down);
  assertion(*this, "promote_finds_reader",
            "a promotion finds X clear and a word that is not free" + shuts_down);
  assertion(*this, "refused_only_if_taken",
            "an exclusive caller is told BUSY only if somebody holds the lock");
  recoverable(*this, "lock_recovers", !alive || word == 0, "the lock can become free again");

  no_deadlock(*this);
  no_livelock(*this, "a call that takes the lock gets it, is refused, or somebody else's call ends");
  no_starvation(*this, "a host that repeats its call gets the lock");

  sometimes(*this, "exclusive_possible", exclusive_bit() || !(takes_exclusive || promotes || demotes));
  sometimes(*this, "ghost_seen",
            (exclusive_bit() && !no_readers()) || hosts == 1 ||
                !((takes_shared || promotes) && (takes_exclusive || promotes || demotes)),
            "a refused reader is left in the word");
}

void SharexLockWord::variants() {
  const std::string source = "TDX module 1.5.01 to 1.5.25, src/common/helpers/tdx_locks.h";
  const std::string right = "the sanity checks never fail";
  variant({.name = "module", .set = {}, .source = source, .expected = right});
  default_variant("module");
  variant({.name = "module_retrying",
           .set = {{"hosts", "3"}, {"retries", "true"}},
           .source = source + "; hosts repeat what was busy",
           .expected = "an exclusive host can starve",
           .finding =
               "A stream of shared holders keeps an exclusive caller out for ever, and two callers that "
               "promote and repeat keep each other out."});
  variant({.name = "full_width",
           .set = {{"counter_width", "15"}, {"for_ever", "false"}},
           .source = source + "; the counter as wide as it is, each caller once",
           .expected = right});
  variant({.name = "global",
           .set = {{"promotes", "false"}, {"demotes", "false"}},
           .source = source +
                     "; GLOBAL: TDH.SYS.INIT, CONFIG, KEY.CONFIG, SHUTDOWN, UPDATE exclusive, LP.INIT "
                     "shared. KOT: TDH.MNG.CREATE, VPFLUSHDONE, KEY.FREEID exclusive, "
                     "TDH.PHYMEM.CACHE.WB shared",
           .expected = right});
  variant({.name = "epoch",
           .set = {{"promotes", "false"}, {"demotes", "false"}, {"retries", "true"}},
           .source = source + "; EPOCH: TDH.MEM.TRACK exclusive, TDH.VP.ENTER shared, both repeated by KVM",
           .expected = "the window of TDH.VP.ENTER is short, so that TDH.MEM.TRACK gets the lock soon",
           .finding =
               "Soon is not always: vCPUs that go on entering may keep TDH.MEM.TRACK busy for ever, and "
               "nothing in the lock prevents it. That is why KVM keeps vCPUs out while it repeats."});
  variant({.name = "counter_too_small",
           .set = {{"counter_width", "2"}},
           .source = "the lock of the module with a counter of 2 bits",
           .expected = "violated: w bits have room for 2^w - 1 readers; one more wraps to 0 and is noticed",
           .finding =
               "The 15 bits of the module hold 32767. The carry leaves the word; X is not hurt. Ghosts may "
               "wrap the counter unnoticed, without harm, as X is set meanwhile."});
}

} // namespace tdxcheck::protocols
