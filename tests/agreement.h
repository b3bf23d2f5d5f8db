// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether the fast engine says what the reference says.

#include "model/model.h"

#include <functional>
#include <optional>
#include <string>

namespace tdxcheck::tests {

// The first difference between explore/ on the instantiated model and semantics/ on the written one: states,
// transitions, depth, model errors, verdicts, lengths of shortest violations, and that the audit finds every
// trace valid. Nothing if there is none.
[[nodiscard]] std::optional<std::string> disagreement(const model::Model& model,
                                                      const model::Valuation& valuation);

// A smaller model of which `still_wrong` is true, by leaving out steps, updates, facts, conjuncts and
// properties one at a time; for a person to read.
[[nodiscard]] model::Model shrunk(model::Model model,
                                  const std::function<bool(const model::Model&)>& still_wrong);

// The threads in words, one line for each step.
[[nodiscard]] std::string written_out(const model::Model& model);

} // namespace tdxcheck::tests
