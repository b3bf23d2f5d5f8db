// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that were reached in one instance of a problem with open sets.

#include <functional>
#include <vector>

#include "prove/problem.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

using Condition = std::function<bool(const State&)>;

struct SizedStates {
  model::Model model; // the problem's, with sets of these sizes
  model::Valuation valuation;
  SeenStates states;
  // Random walks from a state of the instance, whether it is reachable or not: calls with what they reach,
  // one after the other, each until that answers false.
  std::function<void(const State&, const std::function<bool(const State&)>&)> walk = {};
  // Whether a closed expression is true, in states of the instance. It may name regions that the problem's
  // model was given since.
  std::function<Condition(const model::Model& of_problem, const model::Expr&)> condition = {};
};

} // namespace tdxcheck::prove
