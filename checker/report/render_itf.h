// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"

#include <string>

namespace tdxcheck::report {

// A trace in the Informal Trace Format that Apalache and Quint write (integers as {"#bigint": "…"}), so that
// the viewers made for it open it. "what happened" says what led to a state; a thread's label is the variable
// "at THREAD".
[[nodiscard]] std::string render_itf(const result::Trace& trace);

} // namespace tdxcheck::report
