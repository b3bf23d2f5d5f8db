// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_vacuity.h"

#include "emit/smt2_claims.h"
#include "emit/smt2_terms.h"
#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tdxcheck::emit {
namespace {

using namespace smt2;
using result::VacuousClaim;
using result::Vacuousness;

// Only steps that make an assertion which is asked about matter, and of these not what they lead to; the
// others are shut, so that the model has the same labels and is a tenth as long.
model::Model with_what_matters(model::Model model, const std::vector<VacuousClaim>& claims) {
  const auto is_asked_about = [&](const model::Fact& fact) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    return assertion != nullptr &&
           std::ranges::find(claims, assertion->property, &VacuousClaim::property) != claims.end();
  };
  for (const auto id : model.threads.ids())
    for (model::Step& step : model.threads[id].steps) {
      step.updates.clear();
      if (std::ranges::any_of(step.facts, is_asked_about)) continue;
      step.guard = model::truth(false);
      step.named.clear();
      step.facts.clear();
      step.choices.clear();
    }
  return model;
}

class Writer {
public:
  Writer(const model::Model& model, const model::Valuation& valuation,
         const std::vector<result::AnyParameter>& any, const std::vector<VacuousClaim>& claims)
      : model_(with_what_matters(model, claims)), system_(model_, valuation, any) {}

  std::string write(const std::vector<VacuousClaim>& claims) {
    std::string questions = "(declare-const s0 State)\n(assert (in_range s0))\n";
    for (const VacuousClaim& claim : claims)
      questions += fmt::format("(push 1)\n(assert {})\n(check-sat)\n(pop 1)\n", refutation(claim));
    return "(set-logic ALL)\n" + system_.text(definitions_ + questions);
  }

private:
  // In state s0.
  std::string refutation(const VacuousClaim& claim) {
    switch (claim.reason) {
    case Vacuousness::never_applies:
    case Vacuousness::cannot_hold: return satisfied(property(claim.property));
    case Vacuousness::never_made:
    case Vacuousness::cannot_fail: return negated(stated(claim.property));
    case Vacuousness::is_implied: return both(stated(claim.by), negated(stated(claim.property)));
    }
    return yes;
  }

  [[nodiscard]] const model::Property& property(const std::string& name) const {
    const auto& all = system_.instance().model().properties;
    const auto found = std::ranges::find(all, name, &model::Property::name);
    support::ensures_internal(found != all.end(), "what is called vacuous is claimed");
    return *found;
  }

  static model::Expr start_of(const model::Claim& claim) {
    if (const auto* leads_to = std::get_if<model::LeadsTo>(&claim)) return leads_to->from;
    if (const auto* sometimes = std::get_if<model::Sometimes>(&claim)) return sometimes->condition;
    if (const auto* recoverable = std::get_if<model::Recoverable>(&claim)) return recoverable->condition;
    const auto* always = std::get_if<model::Always>(&claim);
    support::ensures_internal(always != nullptr, "what never applies starts from something");
    return std::get<model::Binary>(always->condition.node().kind).left;
  }

  [[nodiscard]] std::string satisfied(const model::Property& what) const {
    Speaker speaker;
    speaker.state = "s0";
    const Term term = system_.expressions().term(start_of(what.claim), speaker);
    const std::string made =
        what.claimed_when.empty() ? yes : system_.expressions().term(what.claimed_when, {}).text;
    return all_of({made, term.defined, term.text});
  }

  // The claim as a function of the state, or what a claim about runs looks for.
  std::string stated(const std::string& name) {
    if (std::holds_alternative<model::Recoverable>(property(name).claim)) return satisfied(property(name));
    if (!symbols_.contains(name)) {
      Claims claims = claims_of(system_, name);
      support::ensures_internal(claims.said.size() == 1, "what is called vacuous can be said");
      definitions_ += claims.said.front().definition;
      symbols_[name] = claims.said.front().symbol;
    }
    return call(symbols_[name], {"s0"});
  }

  model::Model model_;
  System system_;
  std::string definitions_;
  std::map<std::string, std::string> symbols_;
};

} // namespace

std::string vacuity_questions(const model::Model& model, const model::Valuation& valuation,
                              const std::vector<result::AnyParameter>& any,
                              const std::vector<VacuousClaim>& claims) {
  return Writer(model, valuation, any, claims).write(claims);
}

} // namespace tdxcheck::emit
