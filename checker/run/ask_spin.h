// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How many states SPIN stores of a model: a search that shares nothing with ours. G. J. Holzmann, The SPIN
// Model Checker, 2003. Every state, no reduction, no compression that could lose one; errors do not stop it.
//
// Cost: a second for SPIN and the C compiler, then about a second and, with the vectors of the protocols, 120
// MB per million states. Tests: spin_agrees_slow_test.cpp.

#include "result/spin_answer.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace tdxcheck::run {

struct SpinLimits {
  std::uint64_t memory_bytes = 0; // 0: three quarters of what is free
  std::optional<double> seconds;  // of the search
  const std::atomic<bool>* interrupted = nullptr;
};

// InputError if SPIN or a C compiler is not installed; InternalError if they refuse what the exporter wrote.
void require_spin();
[[nodiscard]] result::SpinAnswer ask_spin(const std::string& promela, const SpinLimits& limits);

} // namespace tdxcheck::run
