// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Between which values a variable stays in all runs, as far as intervals tell: its initial value and whatever
// some step assigns, within its declared range. So a status takes no more bits than the statuses that are
// really answered need, and what nobody changes takes none. (Interval analysis without guards, widened to the
// declared range where it does not settle.)
//
// Leaving the declared range stays what it is: what an assignment can yield within the declaration is inside
// these intervals, so that a value outside them is outside the declaration as well.

#include <vector>

#include "model/instance.h"

namespace tdxcheck::explore {

struct AssignedRange {
  model::Value low = 0, high = 0; // inclusive
};

// By cell.
[[nodiscard]] std::vector<AssignedRange> assigned_ranges(const model::Instance& instance);

} // namespace tdxcheck::explore
