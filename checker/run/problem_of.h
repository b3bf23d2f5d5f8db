// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// From a target to what the prover is asked, and from its runs back to the written model.

#include <string>
#include <vector>

#include "prove/problem.h"
#include "result/trace.h"
#include "run/target.h"

namespace tdxcheck::run {

// The target's model, instantiated but for the parameters named in `any`. InputError for an unknown one (with
// what is near).
[[nodiscard]] prove::Problem problem_of(const Target& target, const std::vector<std::string>& any);

// The same target for one value of each free parameter. Where a value lies beyond what the model declares,
// the parameter's range is widened to hold it: the claim was for every value.
[[nodiscard]] Target target_with(const Target& target, const std::vector<model::Value>& parameters);

// The run, move by move in the reference semantics of the written model. InternalError where a move is not
// possible there. Target, parameters and property are left to the caller.
[[nodiscard]] result::Trace lift_proved_run(const Target& target, const prove::Problem& problem,
                                            const prove::Run& run);

} // namespace tdxcheck::run
