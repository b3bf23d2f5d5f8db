// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Who waits for what in a state, who holds it, and the cycle of waits if there is one, from the wait facts of
// the steps that are not enabled. Words for a reader, not a judgement: no verdict rests on it.

#include <string>
#include <vector>

#include "explore/interpreted_system.h"
#include "explore/watch.h"

namespace tdxcheck::explore {

// One line for each thread that is not at an end label and has no enabled step; then "T0 -> ipi[0] -> T0".
[[nodiscard]] std::vector<std::string> describe_deadlock(InterpretedSystem& system, const Contexts& contexts,
                                                         StateView state);

} // namespace tdxcheck::explore
