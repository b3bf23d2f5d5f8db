// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/deadline.h"

#include <chrono>

namespace tdxcheck::prove {

Deadline::Deadline(z3::context& context, double seconds, std::function<bool()> enough)
    : context_(context), seconds_(seconds), enough_(std::move(enough)), watcher_([this] { watch(); }) {}

Deadline::~Deadline() {
  done_ = true;
  watcher_.join();
}

// Interrupts again and again: a computation that starts just after an interrupt would miss it.
void Deadline::watch() {
  while (!done_) {
    if (!over_ && (seconds_left() <= 0 || (enough_ && enough_()))) over_ = true;
    if (over_) Z3_interrupt(context_);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

z3::check_result check(z3::solver& solver, const z3::expr_vector& assumptions) {
  try {
    return solver.check(assumptions);
  } catch (const z3::exception&) {
    return z3::unknown;
  }
}

z3::check_result check(z3::solver& solver) {
  const z3::expr_vector none(solver.ctx());
  return check(solver, none);
}

} // namespace tdxcheck::prove
