// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that were reached in one instance of a problem with open sets.

#include <functional>
#include <vector>

#include "prove/problem.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

struct SizedStates {
  model::Model model; // the problem's, with sets of these sizes
  model::Valuation valuation;
  SeenStates states;
  // Random walks from a state of the instance, whether it is reachable or not: calls with what they reach.
  std::function<void(const State&, const std::function<void(const State&)>&)> walk = {};
};

} // namespace tdxcheck::prove
