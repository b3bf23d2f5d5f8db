// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Finds the actions that the steps of a trace stand for. Private to audit/.

#include "audit/run.h"
#include "result/trace.h"

#include <string>
#include <vector>

namespace tdxcheck::audit {

// The actions that fit a step of a trace, the one that its texts describe best first; all lead to the same
// state. If there is none, why not.
struct Fitting {
  std::vector<semantics::Action> actions;
  std::string why;
};

enum class Expect { a_step, a_model_error };

[[nodiscard]] Fitting fitting(const semantics::Interpreter& interpreter, const semantics::State& state,
                              const result::TraceStep& step, Expect expected);

} // namespace tdxcheck::audit
