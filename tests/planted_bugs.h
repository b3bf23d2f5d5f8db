// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A model with one bug in it, for each step and each kind of bug.

#include "model/model.h"

#include <string>
#include <vector>

namespace tdxcheck::tests {

struct PlantedBug {
  std::string what; // "worker: step 2 has no guard"
  model::Model model;
};

// Step by step: an assertion that fails whenever the step is taken (property `planted`); no guard; none of
// its named conjuncts; one update less; another label to go on to.
[[nodiscard]] std::vector<PlantedBug> planted_bugs(const model::Model& model);

} // namespace tdxcheck::tests
