// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Folds one valuation into a model: parameters and named guards become literals, constant conditions
// disappear, silent steps are composed onto the steps before them (compose_silent_steps.h), steps that can
// never be enabled and labels that control flow cannot reach are dropped, as are properties that are not
// claimed and variables that nothing refers to any more (drop_unreachable.h). Other tables keep their
// positions. Label names survive. The result is an instance of the same valuation, with the same states and
// transitions as the written model has under it.
//
// Parameters named `free` stay as they are, in steps, ranges and initial values alike; a limit that is free
// is never `unlimited`. The valuation's value for them counts only where a size is asked for, and must not
// matter there. A property that is claimed for some values of theirs keeps its `claimed_when`.
//
// Throws support::InputError for a silent cycle (a loop that never takes a step); for a thread whose silent
// start depends on its member or on a local that may start with any value, since a template has one start;
// and for a label that is reached with two contexts.

#include "model/model.h"

namespace tdxcheck::lower {

[[nodiscard]] model::Model instantiate(const model::Model& model, const model::Valuation& valuation,
                                       const std::vector<model::Id<model::Parameter>>& free = {});

} // namespace tdxcheck::lower
