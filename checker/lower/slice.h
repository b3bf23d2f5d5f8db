// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Leaves out what cannot influence the named properties (their cone of influence): other claims and their
// assertions, what deadlocks are described by where none is looked for, and then every variable that decides
// neither whether a step can be taken nor anything that is left, directly or by way of others; it keeps its
// initial value. (Program slicing; all control flow stays, because every guard may decide what is reached.)
//
// Threads, labels, steps and variables keep their positions, and the same moves are enabled in corresponding
// states: a run of the slice is a run of the model, move for move. Model errors stay: a variable is kept if a
// value that is written to it may lie outside its range or may not exist, and an assertion of another
// property if it may have no value.
//
// For claims whose evidence is a lasso, a variable is left out only if nothing is computed from it at all: a
// counter that nobody reads but itself would keep the lasso of the model from closing.
//
// Tests: slice_keeps_the_meaning_test.cpp.

#include <string>
#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

// Of an instantiated model; `valuation` is that of the instance; `properties` are names of its properties.
[[nodiscard]] model::Model slice(model::Model instantiated, const model::Valuation& valuation,
                                 const std::vector<std::string>& properties);

} // namespace tdxcheck::lower
