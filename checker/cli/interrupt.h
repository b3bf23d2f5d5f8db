// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>

namespace tdxcheck::cli {

// From here on the first SIGINT only asks the search to stop and report; the second one kills.
void stop_gently_on_interrupt();

[[nodiscard]] const std::atomic<bool>& interrupt_requested();

} // namespace tdxcheck::cli
