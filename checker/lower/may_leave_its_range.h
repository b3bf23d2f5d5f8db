// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether a value that a step writes may lie outside the range of what it is written to, as far as the step's
// guard tells.

#include "lower/knowledge.h"
#include "model/instance.h"

namespace tdxcheck::lower {

// What holds before the step; nothing if it is never enabled.
[[nodiscard]] std::optional<Knowledge> known_before(const model::Model& model,
                                                    model::Id<model::Thread> thread, const model::Step& step);
[[nodiscard]] bool may_leave_its_range(const model::Instance& instance, const Knowledge& known,
                                       const model::Update& update);
// The variable's initial value is known and in its range.
[[nodiscard]] bool has_an_initial_value(const model::Instance& instance, model::Id<model::Variable> variable);

} // namespace tdxcheck::lower
