// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <string>

namespace tdxcheck::report {

// A trace as one self-contained page: a column per thread, and for each step what it changed and the whole
// state behind it. No script, nothing is fetched.
[[nodiscard]] std::string render_html(const result::Trace& trace);

} // namespace tdxcheck::report
