// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Drops what one valuation made dead: steps whose guard is literally false, labels that control flow cannot
// reach, and variables that nothing refers to any more. Other tables keep their positions. A variable that
// may start with any value stays, because dropping it would change how many states there are.

#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

void drop_dead_steps(model::Model& model);
// Keeps those in `keep`, too. Every Id<Variable> of the model is renumbered.
void drop_unused_variables(model::Model& model, const std::vector<model::Id<model::Variable>>& keep);

} // namespace tdxcheck::lower
