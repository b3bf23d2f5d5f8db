// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/interrupt.h"

#include <csignal>

namespace tdxcheck::cli {
namespace {

std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing that takes a lock");

} // namespace

void stop_gently_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { requested = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  // Where SIGINT is ignored (a background job of a shell), it stays so.
  struct sigaction before {};
  ::sigaction(SIGINT, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ::sigaction(SIGINT, &action, nullptr);
}

const std::atomic<bool>& interrupt_requested() { return requested; }

} // namespace tdxcheck::cli
