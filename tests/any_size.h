// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the tests of proofs for every size of a set share: models with a set whose size is a parameter, and
// how they are asked about.

#include <optional>
#include <string>

#include "model/model.h"
#include "prove/prove.h"

namespace tdxcheck::tests {

// The size of the set becomes the parameter `members`, 1 to 4, at first 2.
void leave_size_free(model::Model& model, model::Id<model::IndexSet> set);

[[nodiscard]] model::Id<model::Parameter> size_parameter(const model::Model& model);

// Members take a lock word: test and set in one step, or (not atomic) in two. Claims: `mutual_exclusion`, by
// count; `alone`, by pairs; `balanced`: a count of those inside, whose range ends with the size of the set.
[[nodiscard]] model::Model one_lock_for_all(bool atomic);

// Of a model whose parameter `members` is left free; small instances are enumerated by semantics/.
[[nodiscard]] prove::Problem open_problem(const model::Model& model);
[[nodiscard]] prove::Outcome prove_for_any_size(const model::Model& model, const std::string& property,
                                                double seconds);

// Whether the claim holds for each size up to `largest`, as far as semantics/ can enumerate it; nothing if
// one of them is ill-formed.
[[nodiscard]] std::optional<bool> holds_for_small_sizes(const model::Model& model,
                                                        const std::string& property, model::Value largest);
// No run is needed to see that it is violated.
[[nodiscard]] bool is_about_states(const model::Claim& claim);

} // namespace tdxcheck::tests
