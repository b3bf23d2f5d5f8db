// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Claims that no run can put at stake, by wording and types alone (Beer, Ben-David, Eisner and Rodeh,
// Efficient Detection of Vacuity in ACTL Formulas, 1997, is about what a run shows; this is the part that
// needs no run): an antecedent that no type-correct state satisfies, a claim that each satisfies, a claim
// that another one implies, an assertion that no step makes. A type-correct state has any label per thread
// and any value of the declared range per cell; reachable or not. One satisfiability question each, in one
// solver; most are told by simplification.
//
// Not asked of lock_discipline, whose rules are meant to follow from labels, nor of claims about endless
// runs, but for the antecedent of `leads_to`. Cost: 40 to 120 ms of CPU per variant, and 15 to 35 ms to
// confirm what is found, measured on two busy cores: too much for every check, so it is asked for. Whoever
// tells of it asks a second encoding first (emit/smt2_vacuity.h). Tests: vacuous_claims_test.cpp.

#include <vector>

#include "prove/problem.h"
#include "result/vacuous_claim.h"

namespace tdxcheck::prove {

// In the order of the model's properties; each with the first reason that applies. Of two claims that imply
// each other the later one is told. What is not decided in time is not told, nor what cannot be encoded.
[[nodiscard]] std::vector<result::VacuousClaim> vacuous_claims(const Problem& problem, double seconds);

} // namespace tdxcheck::prove
