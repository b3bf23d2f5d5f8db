// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/find_vacuous_claims.h"

#include <fmt/format.h>

#include "emit/smt2_vacuity.h"
#include "prove/decide_smt2.h"
#include "prove/vacuous_claims.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::run {
namespace {

using result::VacuousClaim;
using result::Vacuousness;
using result::Verdict;
using Verdicts = std::map<std::string, Verdict>;

constexpr double seconds_to_find = 1;
constexpr unsigned seconds_to_confirm = 1; // each

[[noreturn]] void contradicted(const VacuousClaim& claim, const std::string& how) {
  throw support::InternalError(fmt::format("of `{}`, {}; but {}", claim.property, in_words(claim), how));
}

bool is(const Verdicts& verdicts, const std::string& name, Verdict verdict) {
  const auto judged = verdicts.find(name);
  return judged != verdicts.end() && judged->second == verdict;
}

void compare(const VacuousClaim& claim, const Verdicts& verdicts) {
  switch (claim.reason) {
  case Vacuousness::never_applies:
  case Vacuousness::never_made:
  case Vacuousness::cannot_fail:
    if (is(verdicts, claim.property, Verdict::violated)) contradicted(claim, "it was found violated");
    return;
  case Vacuousness::cannot_hold:
    if (is(verdicts, claim.property, Verdict::holds)) contradicted(claim, "it was found to hold");
    return;
  case Vacuousness::is_implied:
    if (is(verdicts, claim.property, Verdict::violated) && is(verdicts, claim.by, Verdict::holds))
      contradicted(claim, "it was found violated, and the other to hold");
    return;
  }
}

// Those that the second encoding decides alike.
std::vector<VacuousClaim> confirmed(const prove::Problem& problem, const std::vector<VacuousClaim>& claims) {
  const auto decided = prove::decide_smt2(
      emit::vacuity_questions(problem.model, problem.valuation, problem.any, claims), seconds_to_confirm);
  support::ensures_internal(decided.complaint.empty() && decided.answers.size() == claims.size(),
                            "a solver reads what we write");
  std::vector<VacuousClaim> told;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (decided.answers[i] == prove::Satisfiable::yes)
      contradicted(claims[i], "a second encoding has a state that refutes it");
    if (decided.answers[i] == prove::Satisfiable::no) told.push_back(claims[i]);
  }
  return told;
}

} // namespace

std::vector<VacuousClaim> find_vacuous_claims(const prove::Problem& problem, const Verdicts& verdicts) {
  std::vector<VacuousClaim> claims = prove::vacuous_claims(problem, seconds_to_find);
  std::erase_if(claims, [&](const VacuousClaim& claim) { return !verdicts.contains(claim.property); });
  if (claims.empty()) return {};
  try {
    claims = confirmed(problem, claims);
  } catch (const support::InputError&) {
    return {}; // what cannot be said in SMT-LIB
  }
  for (const VacuousClaim& claim : claims) compare(claim, verdicts);
  return claims;
}

} // namespace tdxcheck::run
