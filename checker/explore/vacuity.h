// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was never at stake in a complete run: the guard against a success that means nothing.

#include "explore/judge.h"
#include "result/verdict.h"

namespace tdxcheck::explore {

[[nodiscard]] result::Vacuity vacuity_of(InterpretedSystem& system, Judge& judge);

} // namespace tdxcheck::explore
