// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Traces written out by hand: of no model, for what shows and stores traces.

#include "result/trace.h"

namespace tdxcheck::tests {

// Two pCPUs race for TDVPR: a flush finds it busy, and a KVM_BUG_ON fires. Every step has a CPU.
[[nodiscard]] result::Trace sample_race();

// A retry loop that never ends: steps 1 and 2 (counted from 0) repeat. No step has a CPU.
[[nodiscard]] result::Trace sample_lasso();

// `threads` threads in turn, `rounds` times each, with names and texts that are long.
[[nodiscard]] result::Trace sample_crowd(int threads, int rounds);

} // namespace tdxcheck::tests
