// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <vector>

namespace tdxcheck::report {

// A SEAMCALL is a line of steps, one per lock. Where nothing else happens meanwhile, a reader wants one line:
// the call and what it answered. Such steps are merged; a call that others interrupt, or that the run ends
// in, stays as it is.
struct Moment {
  std::size_t first = 0; // the step of the trace that it begins with
  result::TraceStep step;
};

[[nodiscard]] std::vector<Moment> merge_calls(const result::Trace& trace);

} // namespace tdxcheck::report
