// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Fairness and claims in TLA+. Private to emit/.

#include "emit/tla_steps.h"

#include <string>
#include <vector>

namespace tdxcheck::emit {

struct TlaClaims {
  std::string fairness;                // the definition of Fairness
  std::string definitions;             // of everything named below
  std::vector<std::string> invariants; // TypeOK not among them
  std::vector<std::string> properties; // temporal
  std::vector<std::string> reached;    // invariants that are to be violated: `sometimes`
  std::vector<std::string> unsaid;     // "sept_lock (lock_order)"
};

[[nodiscard]] TlaClaims tla_claims(const model::Instance& instance, Identifiers& names,
                                   const TlaExpressions& expressions, const TlaSteps& steps);

} // namespace tdxcheck::emit
