// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <string>

namespace tdxcheck::report {

// A trace as a Mermaid sequence diagram (GitHub and GitLab draw it): one lifeline per thread that moves, one
// for the TDX module where it is called.
[[nodiscard]] std::string render_mermaid(const result::Trace& trace);

} // namespace tdxcheck::report
