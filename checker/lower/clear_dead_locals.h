// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Gives a thread's local its initial value again as soon as no way on reads it before writing it (live
// variables, as compilers find them). States that differ only in such leftovers become one.
//
// The states of the result correspond to those of the model one to one in everything that is read later, with
// the same steps enabled, taken by the same threads, failing the same assertions: a bisimulation that keeps
// the names of moves. So every claim keeps its verdict, fairness and worst cases included, and a run of the
// result is one of the model, step for step. Steps, labels and variables keep their positions.
//
// Read is whatever the thread's steps refer to: guards, values, indices, facts; and, as long as a lock is
// held, what names its instance. A value that is written counts as read even if what it is written to is
// not, so that a lasso of the result closes after at most one more round of the model. A local that anything
// else refers to (a property, a counter, another thread, the thread's pCPU) is left alone, and so is one that
// may start with any value, or whose range a dead value may leave: that is a model error.
//
// Tests: shrink_keeps_the_meaning_test.cpp.

#include "model/model.h"

namespace tdxcheck::lower {

// Of an instantiated model; `valuation` is that of the instance. Where `nameless` is true of a local's set,
// a local that holds a member and is dead at the start holds none instead, so that what is left over does not
// single out the member that it was declared with: it is an optional index then.
[[nodiscard]] model::Model clear_dead_locals(model::Model instantiated, const model::Valuation& valuation,
                                             const std::vector<bool>& nameless = {});

} // namespace tdxcheck::lower
