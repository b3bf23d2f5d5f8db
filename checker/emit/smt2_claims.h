// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Claims as conditions on one state: what is true in it, and what the steps that are enabled in it do. Which
// claims can be said so: always, assertion, lock_discipline, balanced, sometimes, and retries where the model
// counts rounds; of no_deadlock the half that nothing is enabled. The others speak of whole runs.
// Private to emit/smt2_*.

#include "emit/smt2_system.h"

#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::emit::smt2 {

struct SaidClaim {
  std::string name;
  std::string symbol;        // a function of the state
  std::string definition;    // of that function
  bool is_sought = false;    // `sometimes`: it is enough that it holds somewhere
  std::string left_out = {}; // what of the claim this does not say
};

struct UnsaidClaim {
  std::string name, why;
};

struct Claims {
  std::vector<SaidClaim> said;
  std::vector<UnsaidClaim> unsaid;
};

// Of all properties, or of the one that is named.
[[nodiscard]] Claims claims_of(System& system, const std::string& only = {});

// In state s: some thread is about to break the rules that the claim lock_discipline is about
// (semantics/lock_history.h words them).
[[nodiscard]] std::string breach_of_lock_discipline(System& system);

} // namespace tdxcheck::emit::smt2
