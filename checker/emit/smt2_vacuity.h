// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said of claims that are vacuous (result/vacuous_claim.h), as questions in SMT-LIB: the model as in
// emit/smt2.h, and for each a (check-sat) that answers `unsat` if it is so. This encoding shares no code with
// the one that found them.

#include <string>
#include <vector>

#include "model/model.h"
#include "result/proof.h"
#include "result/vacuous_claim.h"

namespace tdxcheck::emit {

// `model` is instantiated but for the parameters in `any`. InputError for what SMT-LIB cannot say.
[[nodiscard]] std::string vacuity_questions(const model::Model& model, const model::Valuation& valuation,
                                            const std::vector<result::AnyParameter>& any,
                                            const std::vector<result::VacuousClaim>& claims);

} // namespace tdxcheck::emit
