// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Performs silent steps at once, as the tail of the step that leads to their label, by composition:
//
//   g -> U, then silently c -> W      becomes      g && c[U] -> U;W
//
// with the facts of both, the silent ones' expressions substituted alike. A step has as many compositions as
// its tail has feasible paths (lower/knowledge.h prunes the others). A branch that is not surely decided by
// exactly one of its silent steps yields one more step, with Step::error set. A thread that starts at a
// silent label starts where the tail leads from the initial values of its locals.
//
// Afterwards no step is silent, and there is none at a label that no step leads to. Expects a model with
// folded expressions, types and sizes. Throws InputError for a silent cycle, for a start that depends on the
// member or on a local that may start with any value, and for more than `most_paths` paths behind one step.

#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

inline constexpr std::size_t most_paths = 4096;
inline constexpr std::size_t longest_tail = 1024;

// Returns the locals whose initial value is now what the tail of the start made of it.
std::vector<model::Id<model::Variable>> compose_silent_steps(model::Model& model,
                                                             model::Id<model::Thread> thread);

} // namespace tdxcheck::lower
