// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Drops what one valuation made dead: steps whose guard is literally false, labels that control flow cannot
// reach, and variables that nothing refers to any more. Other tables keep their positions. A variable that
// may start with any value stays, because dropping it would change how many states there are.

#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

// Steps only: a branch of another variant is no branch, and must not count where silent steps are composed.
// Steps at labels that no step leads to, silent ones included. Labels stay.
void drop_steps_out_of_reach(model::Model& model);

void drop_false_steps(model::Model& model);
void drop_dead_steps(model::Model& model);
// Keeps those in `keep`, too. Every Id<Variable> of the model is renumbered.
void drop_unused_variables(model::Model& model, const std::vector<model::Id<model::Variable>>& keep);

} // namespace tdxcheck::lower
