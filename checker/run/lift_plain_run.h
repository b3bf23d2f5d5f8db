// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/trace.h"
#include "semantics/brute_force.h"
#include "semantics/interpreter.h"

namespace tdxcheck::run {

// A run of the reference engine in the names of the model. Target, parameters and property are left to the
// caller.
[[nodiscard]] result::Trace lift_plain_run(const semantics::Interpreter& interpreter,
                                           const semantics::PlainRun& run);

} // namespace tdxcheck::run
