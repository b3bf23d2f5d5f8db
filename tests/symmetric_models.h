// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Random models whose sets are symmetric: those of generated_models.h, where no expression names a member.

#include "model/model.h"

#include <cstdint>

namespace tdxcheck::tests {

// Sets of two to four members; what the generated model names is another member's name there, `self`, or
// what a variable holds from the start that may hold anyone. Variables still start with members of their own.
// The same for the same seed; at most `most_generated_states` states.
[[nodiscard]] model::Model symmetric_model(std::uint64_t seed);

// Likewise with one claim more, `planted`: that the step (of all steps of all threads) is never taken.
[[nodiscard]] model::Model with_planted_bug(model::Model model, std::size_t step);
[[nodiscard]] std::size_t step_count(const model::Model& model);

} // namespace tdxcheck::tests
