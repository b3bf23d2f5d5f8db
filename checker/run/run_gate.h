// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Judges the expectations of a gate. Only the properties that something is expected of are judged. Checks run
// side by side, as many as there are workers and memory allows; each within its own budget.

#include "result/gate.h"
#include "run/check_options.h"
#include "run/gate_file.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace tdxcheck::run {

struct GateProgress {
  std::size_t done = 0, of = 0;
  std::vector<std::string> running; // names
  std::uint64_t states = 0;         // of the running ones together
  double seconds = 0;
};

struct GateOptions {
  CheckOptions check; // its budgets count where they are given, instead of what the files say
  std::string cache;  // a directory; empty: none
  std::function<void(const result::GateCheck&)> finished; // each check, in the order in which they finish
  std::function<void(const GateProgress&)> progress;      // now and then
};

// Neither is called by two threads at once. What stops a check from being carried out (a model error, a bug
// of ours) is its outcome, and the others go on. An interruption leaves what remains unknown. What cannot be
// written to the cache is said in the result, once: the verdicts are no worse for it.
[[nodiscard]] result::GateResult run_gate(const std::vector<PlannedCheck>& planned,
                                          const GateOptions& options);

} // namespace tdxcheck::run
