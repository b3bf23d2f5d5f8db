// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States as traces write them: every cell by its name, every thread's label under "at THREAD".

#include "result/trace.h"
#include "semantics/interpreter.h"

#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::audit {

[[nodiscard]] result::Names names_of(const model::Instance& instance, const semantics::State& state);

// The cells that differ, with their values in `after`.
[[nodiscard]] result::Names changes(const model::Instance& instance, const semantics::State& before,
                                    const semantics::State& after);

// "no cell `asoc[1]`; did you mean `assoc[1]`?"
[[nodiscard]] std::string unknown_cell(const model::Instance& instance, const std::string& name);

// What keeps `given` from being this state: an unknown name, a missing one, another value. Empty if nothing
// does. `verb` joins name and value: "`x` starts as 0, the trace says 1".
[[nodiscard]] std::string difference(const model::Instance& instance, const semantics::State& state,
                                     const result::Names& given, const std::string& verb);

} // namespace tdxcheck::audit
