// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Ends what Z3 does when a time is up or the user has had enough. Z3's own timeouts are not heeded everywhere
// (fixed points, simplification), so a thread watches and interrupts the context.

#include <atomic>
#include <functional>
#include <thread>

#include <z3++.h>

#include "support/stopwatch.h"

namespace tdxcheck::prove {

class Deadline {
public:
  // `enough` may be empty; it is asked from another thread.
  Deadline(z3::context& context, double seconds, std::function<bool()> enough);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();

  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] double seconds_left() const { return seconds_ - stopwatch_.seconds(); }

private:
  void watch();

  z3::context& context_;
  double seconds_;
  std::function<bool()> enough_;
  support::Stopwatch stopwatch_;
  std::atomic<bool> over_ = false, done_ = false;
  std::thread watcher_;
};

// Unknown also where the check was interrupted.
[[nodiscard]] z3::check_result check(z3::solver& solver, const z3::expr_vector& assumptions);
[[nodiscard]] z3::check_result check(z3::solver& solver);

} // namespace tdxcheck::prove
