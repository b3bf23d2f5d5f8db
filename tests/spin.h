// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// SPIN as an independent judge of a model.

#include <cstddef>
#include <cstdint>
#include <string>

namespace tdxcheck::tests {

struct SpinResult {
  std::uint64_t states = 0, transitions = 0;  // ours: without the one into the initial state
  bool assertion_violated = false;            // a range that is left included
  bool invalid_end_state = false;             // nothing is enabled and some process is not at an end label
  std::size_t options = 0, options_taken = 0; // the d_steps of the model, and those that some run takes
  std::string warnings;                       // of the compiler with -Wall, about the part made of the model
  std::string problem;                        // where SPIN or the compiler said no
};

[[nodiscard]] bool spin_is_installed();

// Every state, no reduction; errors are counted, not stopped at. `promela` is what the exporter wrote.
[[nodiscard]] SpinResult run_spin(const std::string& promela);

// A run to the first error that SPIN finds, step by step; the beginning of it, if it is long.
[[nodiscard]] std::string spin_trail(const std::string& promela);

enum class SpinLivelock { none, found, not_decided };
// Whether the never claim no_livelock of a model that was exported with the last move is violated, under
// SPIN's weak fairness.
[[nodiscard]] SpinLivelock spin_livelock(const std::string& promela);

} // namespace tdxcheck::tests
