// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that were reached in one instance of a problem with open sets.

#include <vector>

#include "prove/problem.h"
#include "prove/seen_states.h"

namespace tdxcheck::prove {

struct SizedStates {
  model::Model model; // the problem's, with sets of these sizes
  model::Valuation valuation;
  SeenStates states;
};

} // namespace tdxcheck::prove
