// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Refuses ill-formed models, with the protocol file and line of each problem. Checks the symbolic model:
// sorts, arities, names, references, ranges, silent steps (own scalar locals and parameters only), bound
// names in scope, unique names. What depends on a valuation (a label reached with two different sets of held
// locks) is checked by label_contexts on the instantiated model.

#include <string>
#include <vector>

#include "model/model.h"

namespace tdxcheck::model {

struct Problem {
  Source source;
  std::string text;
};

[[nodiscard]] std::vector<Problem> validate(const Model& model);

// "protocols/x.cpp:12: text", one line each.
[[nodiscard]] std::string describe(const std::vector<Problem>& problems);

} // namespace tdxcheck::model
