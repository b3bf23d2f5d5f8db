// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lets shared variables that nothing reads keep their initial values: no guard, value, index, fact, property
// or counter refers to them, for these parameters and these properties. What is written to them tells no
// state from another. Range errors stay: a variable is left alone if some value may lie outside its range.
//
// The same bisimulation as that of clear_dead_locals.h, which does this for locals; with the same terms.

#include "model/model.h"

namespace tdxcheck::lower {

[[nodiscard]] model::Model forget_what_is_not_read(model::Model instantiated,
                                                   const model::Valuation& valuation);

} // namespace tdxcheck::lower
