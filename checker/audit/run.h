// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A run as the interpreter performed it: what the judges of this folder look at.

#include "semantics/interpreter.h"

#include <optional>
#include <vector>

namespace tdxcheck::audit {

struct Run {
  semantics::State start;
  std::vector<semantics::Action> actions;
  std::optional<std::size_t> loop; // a lasso: the last action leads back to the state before this one

  [[nodiscard]] const semantics::State& last() const { return actions.empty() ? start : actions.back().next; }
  // The state before action `i`; that of actions.size() is the last one.
  [[nodiscard]] const semantics::State& before(std::size_t i) const {
    return i == 0 ? start : actions[i - 1].next;
  }
};

} // namespace tdxcheck::audit
