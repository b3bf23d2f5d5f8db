// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether every finite sequence of events of one target is one of another. Events go by the names of threads,
// calls and statuses, so that two different models can be compared; members of symmetric sets are told apart
// by name as they are written.

#include "result/diff.h"
#include "run/reach.h"
#include "run/target.h"

#include <atomic>
#include <functional>

namespace tdxcheck::run {

struct Compared {
  const Target& target;
  Reach& reach;
};

struct RunsBudget {
  std::function<double()> seconds_left; // empty: no limit
  std::uint64_t memory_bytes = 0;       // for what is computed here; 0: no limit
  const std::atomic<bool>* interrupted = nullptr;
};

// Of two reached graphs, unknown if one is not complete. A sequence that only NEW has is performed by the
// reference semantics, which also has to find that BASE cannot do it; InternalError if it finds otherwise.
[[nodiscard]] result::RunsChange compare_runs(const Compared& base, const Compared& now,
                                              const RunsBudget& budget);

} // namespace tdxcheck::run
