// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <cstddef>
#include <string>

namespace tdxcheck::report {

// What a commit message can quote without being wrapped.
inline constexpr std::size_t race_width = 75;

// A trace as kernel commit messages draw a race: one column per CPU (per thread where some step has no CPU),
// time downwards, plain ASCII, no line longer than 75 characters.
[[nodiscard]] std::string render_race(const result::Trace& trace);

} // namespace tdxcheck::report
