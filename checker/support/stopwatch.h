// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

namespace tdxcheck::support {

// Runs from its construction. Steady: a corrected clock must not shorten a time budget.
class Stopwatch {
public:
  void restart() { start_ = Clock::now(); }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

} // namespace tdxcheck::support
