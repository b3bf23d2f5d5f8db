// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Writes down what the interpreter did, as a trace. The tests' own: what audit/ reads must not be written by
// it.

#include "result/trace.h"
#include "semantics/brute_force.h"

#include <optional>
#include <string>

namespace tdxcheck::tests {

[[nodiscard]] result::Trace trace_from_run(const semantics::Interpreter& interpreter,
                                           const std::string& property, const semantics::PlainRun& run,
                                           std::optional<std::size_t> loop = {});

// Every cell, and every thread's label.
[[nodiscard]] result::Names names_of(const semantics::Interpreter& interpreter,
                                     const semantics::State& state);

// The run of the only thread that can do so, step by step: "t a b, u a c" takes thread t from a to b, then u
// from a to c (the first such step). Throws where there is none.
[[nodiscard]] semantics::PlainRun run_along(const semantics::Interpreter& interpreter,
                                            const std::string& way);

} // namespace tdxcheck::tests
