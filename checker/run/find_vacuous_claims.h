// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Claims that are vacuous by their wording (prove/vacuous_claims.h), confirmed before they are told: by a
// second encoding in a fresh solver, and by the verdicts that were reached, which must not contradict them.

#include <map>
#include <string>
#include <vector>

#include "prove/problem.h"
#include "result/vacuous_claim.h"
#include "result/verdict.h"

namespace tdxcheck::run {

// Of the claims in `verdicts`. InternalError where something contradicts what was found.
[[nodiscard]] std::vector<result::VacuousClaim>
find_vacuous_claims(const prove::Problem& problem, const std::map<std::string, result::Verdict>& verdicts);

} // namespace tdxcheck::run
