// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether a check may search up to symmetry, and if not, why.

#include <optional>
#include <string>
#include <vector>

#include "model/symmetry.h"
#include "run/check_options.h"

namespace tdxcheck::run {

struct Searched {
  model::Model model;                      // what lower/ makes of the instantiated model
  std::optional<model::Symmetry> symmetry; // of it; none: every state is searched
  std::vector<std::string> sets;           // in words, those with interchangeable members: "vcpu (3)"
  std::string because;                     // what keeps symmetry out, or the members of some set apart
};

// Of a search that judges `options.search.properties`.
[[nodiscard]] Searched searched_model(const model::Model& instantiated, const model::Valuation& valuation,
                                      const CheckOptions& options);

} // namespace tdxcheck::run
