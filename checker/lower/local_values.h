// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What updates have made of a thread's own scalar locals, in terms of the state before them. This is all that
// a silent step may read, so composing it onto a step is substitution.

#include "lower/fold.h"
#include "model/model.h"

namespace tdxcheck::lower {

// `v` or `v[self]` of this thread, and no array.
[[nodiscard]] bool is_own_scalar(const model::Model& model, model::Id<model::Thread> thread,
                                 const model::VariableRef& reference);

// The expression after the updates (simultaneous; of two to one cell the later counts).
[[nodiscard]] model::Expr after(const model::Model& model, model::Id<model::Thread> thread,
                                const std::vector<model::Update>& updates, const model::Expr& expression);

// First `earlier`, then the updates of a silent step, as one set of simultaneous updates.
[[nodiscard]] std::vector<model::Update> in_sequence(const model::Model& model,
                                                     model::Id<model::Thread> thread,
                                                     const std::vector<model::Update>& earlier,
                                                     const std::vector<model::Update>& silent);

} // namespace tdxcheck::lower
