// SPDX-License-Identifier: GPL-2.0-or-later

// The claims of sharex_hp_lock. The essay is at the head of sharex_hp_lock.cpp.

#include "protocols/sharex_hp_lock/sharex_hp_lock.h"

#include "properties/properties.h"

namespace tdxcheck::protocols {

using dsl::Expr;

Expr SharexHpLock::some_host(const std::string& region) const {
  return dsl::exists(host, "h", [&](const Expr& h) { return dsl::in_region(region, h); });
}

Expr SharexHpLock::some_guest(const std::string& region) const {
  return dsl::exists(guest, "g", [&](const Expr& g) { return dsl::in_region(region, g); });
}

Expr SharexHpLock::somebody_holds() const {
  return some_host("host_shared") || some_guest("guest_shared") || some_host("host_exclusive") ||
         some_guest("guest_exclusive");
}

void SharexHpLock::claims() {
  using namespace properties;
  const Expr sharing = some_host("host_shared") || some_guest("guest_shared");
  const Expr excluding = some_host("host_exclusive") || some_guest("guest_exclusive");
  const auto holding_exclusive = [&](const Expr& h) { return dsl::in_region("host_exclusive", h); };
  const auto guest_exclusive = [&](const Expr& g) { return dsl::in_region("guest_exclusive", g); };
  const Expr exclusives = count(host, "h", holding_exclusive) + count(guest, "g", guest_exclusive);
  const Expr alive = !shut_down;

  always(*this, "mutual_exclusion", implies(alive, exclusives <= 1 && !(excluding && sharing)),
         "an exclusive holder is alone");
  always(*this, "exclusive_bit_kept", implies(alive && excluding, exclusive_bit()),
         "X stays set while somebody holds the lock exclusively");
  always(*this, "no_lost_reader", implies(alive && sharing, !exclusive_bit() && !no_readers()),
         "a shared holder is counted, and X is clear");
  always(*this, "no_phantom_reader",
         implies(alive && !exclusive_bit() && !no_readers(), sharing || some_guest("guest_retreating")),
         "while X is clear, a reader in the word is a caller that holds the lock or is on its way out");

  const std::string shuts_down = "; the module shuts down (UD2) where this fails";
  assertion(*this, "shared_release_finds_reader",
            "a shared release finds X clear and a reader in the word" + shuts_down);
  assertion(*this, "exclusive_release_finds_x", "an exclusive release finds X set" + shuts_down);
  assertion(*this, "shared_acquire_finds_room",
            "a successful shared acquisition does not find the counter full" + shuts_down);
  assertion(*this, "promote_finds_reader",
            "a promotion finds X clear and a word that is not free" + shuts_down);
  assertion(*this, "retreat_finds_its_reader",
            "a guest that takes its reader out again finds it there; the module does not check this");

  assertion(*this, "hp_turns_guests_away", "no guest takes the lock shared while HP is set");
  assertion(*this, "host_refused_only_if_taken",
            "a host that wants it exclusive is told BUSY only if somebody "
            "holds the lock");
  assertion(*this, "guest_refused_only_if_taken", "a guest is refused only if the lock is not free");
  assertion(*this, "refused_host_is_marked",
            "a host that loses the second compare-and-exchange leaves HP set");
  leads_to(*this, "hp_is_cleared", host_priority(), !host_priority(), "HP does not stay set for ever");
  recoverable(*this, "lock_recovers", !alive || word == 0, "the lock can become free again");

  no_deadlock(*this);
  no_livelock(*this, "a call that takes the lock gets it, is refused, or somebody else's call ends");
  no_starvation(*this, "a host that repeats its call gets the lock");

  sometimes(*this, "exclusive_possible",
            exclusive_bit() ||
                !((hosts > 0 && host_takes_exclusive) || (guests > 0 && guest_takes_exclusive)));
  sometimes(*this, "guest_gets_in", some_guest("guest_shared") || guests == 0 || !guest_takes_shared);
  sometimes(*this, "ghost_seen",
            (exclusive_bit() && !no_readers()) ||
                !((hosts > 0 && (host_takes_shared || host_promotes)) || (guests > 0 && guest_takes_shared)),
            "a refused reader is left in the word");
  sometimes(*this, "host_priority_seen", host_priority());
}

} // namespace tdxcheck::protocols
