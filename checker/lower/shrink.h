// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Everything that makes the state space of an instantiated model smaller and keeps its moves: what
// `--as-written` leaves out. Each pass says what it rests on.

#include <vector>

#include "model/model.h"

namespace tdxcheck::lower {

// `nameless`: see clear_dead_locals.h.
[[nodiscard]] model::Model shrink(const model::Model& instantiated, const model::Valuation& valuation,
                                  const std::vector<bool>& nameless = {});

} // namespace tdxcheck::lower
