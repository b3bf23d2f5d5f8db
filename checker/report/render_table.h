// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace tdxcheck::report {

// A trace as a table: step, thread, CPU, what happens, status, locks, what changed. Above it, values that the
// run started from: of the cells that it changes and those in `chosen`, or, where that is not known, of all
// that are not 0, false, none or empty.
[[nodiscard]] std::string render_table(const result::Trace& trace, std::size_t width = 100,
                                       const std::optional<std::set<std::string>>& chosen = std::nullopt);

} // namespace tdxcheck::report
