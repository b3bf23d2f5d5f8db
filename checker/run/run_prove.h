// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "result/prove_result.h"
#include "run/target.h"

namespace tdxcheck::run {

struct ProveRequest {
  Request target;
  std::vector<std::string> properties;  // empty: all
  bool only_what_may_be_proved = false; // of all: claims about single states and steps
  std::vector<std::string> any;         // parameters that are left free
  std::optional<double> seconds;        // of all properties together
  const std::atomic<bool>* interrupted = nullptr;
};

// Proves, refutes (with a run that was replayed), or says what was in the way. A property that cannot be
// proved for every value is tried for the target's own.
[[nodiscard]] result::ProveResult run_prove(const Target& target, const ProveRequest& request);

} // namespace tdxcheck::run
