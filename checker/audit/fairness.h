// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether a run that never ends, or one that stops, is fair. Fairness belongs to the steps of each thread: a
// step is enabled where some choice enables it, and taken whatever was chosen.
//   weak    not enabled for ever without being taken: enabled in every state of the cycle, yet never taken.
//   The
//           weakly fair steps of a thread at one label count as one: a thread that can always go on goes on
//   strong  not enabled again and again without being taken: enabled in some state of the cycle, yet never
//   taken
// A run that stops leaves whatever is enabled at its end enabled for ever.

#include "audit/run.h"

#include <string>

namespace tdxcheck::audit {

// Empty if it is fair that the lasso goes round for ever; else which step is treated unfairly.
[[nodiscard]] std::string unfair_lasso(const semantics::Interpreter& interpreter, const Run& run);
// Empty if it is fair that nothing more happens; else which step would have to.
[[nodiscard]] std::string unfair_stop(const semantics::Interpreter& interpreter, const Run& run);

} // namespace tdxcheck::audit
