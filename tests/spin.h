// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// SPIN as an independent judge of a model.

#include "model/model.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tdxcheck::tests {

struct SpinResult {
  std::uint64_t states = 0, transitions = 0; // ours: without the one into the initial state
  bool assertion_violated = false;           // a range that is left included
  bool invalid_end_state = false;            // nothing is enabled and some process is not at an end label
  std::string problem;                       // where SPIN or the compiler said no
};

[[nodiscard]] bool spin_is_installed();

// Every state, no reduction; errors are counted, not stopped at. `promela` is what the exporter wrote.
[[nodiscard]] SpinResult run_spin(const std::string& promela);

} // namespace tdxcheck::tests
