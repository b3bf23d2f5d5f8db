// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/vacuous_claims.h"

#include <algorithm>
#include <map>
#include <optional>

#include "prove/claim.h"
#include "prove/deadline.h"
#include "support/error.h"
#include "support/stopwatch.h"

namespace tdxcheck::prove {
namespace {

using result::VacuousClaim;
using result::Vacuousness;

// What has to be true of a state for the claim to say anything of it; empty: it speaks of every state.
model::Expr antecedent_of(const model::Claim& claim) {
  if (const auto* leads_to = std::get_if<model::LeadsTo>(&claim)) return leads_to->from;
  const auto* always = std::get_if<model::Always>(&claim);
  if (always == nullptr) return {};
  const auto* binary = std::get_if<model::Binary>(&always->condition.node().kind);
  return binary != nullptr && binary->op == model::BinaryOp::implies ? binary->left : model::Expr();
}

model::Expr sought_by(const model::Claim& claim) {
  if (const auto* sometimes = std::get_if<model::Sometimes>(&claim)) return sometimes->condition;
  if (const auto* recoverable = std::get_if<model::Recoverable>(&claim)) return recoverable->condition;
  return {};
}

bool can_be_said_of_a_state(const model::Claim& claim) {
  return std::holds_alternative<model::Always>(claim) || std::holds_alternative<model::Balanced>(claim);
}

bool is_asserted_anywhere(const model::Model& model, const std::string& property) {
  const auto is_one = [&](const model::Fact& fact) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    return assertion != nullptr && assertion->property == property;
  };
  return std::ranges::any_of(model.threads, [&](const model::Thread& thread) {
    return std::ranges::any_of(thread.start_facts, is_one) ||
           std::ranges::any_of(thread.steps, [&](const model::Step& step) {
             return std::ranges::any_of(step.facts, is_one);
           });
  });
}

class Search {
public:
  Search(const Problem& problem, double seconds)
      : encoding_(context_, problem, {Finite::bits, Numbers::bits}),
        milliseconds_(seconds * 1000),
        state_(encoding_.fresh("s")),
        solver_(context_) {
    solver_.add(encoding_.typed(state_));
    solver_.add(encoding_.parameters_have_values());
  }

  std::vector<VacuousClaim> run() {
    std::map<std::string, VacuousClaim> found;
    for (const model::Property& property : encoding_.model().properties)
      if (auto reason = by_itself(property)) found.emplace(property.name, std::move(*reason));
    find_implied(found);
    std::vector<VacuousClaim> told;
    for (const model::Property& property : encoding_.model().properties)
      if (const auto reason = found.find(property.name); reason != found.end())
        told.push_back(reason->second);
    return told;
  }

private:
  // A claim that holds or fails in each state by itself, and the condition under which it fails.
  struct Stated {
    std::string name;
    z3::expr broken;
  };

  [[nodiscard]] bool is_impossible(const z3::expr& what) {
    if (what.is_false()) return true;
    const double left = milliseconds_ - stopwatch_.seconds() * 1000;
    if (what.is_true() || left < 1) return false;
    solver_.set("timeout", static_cast<unsigned>(left));
    z3::expr_vector assumed(context_);
    const z3::expr named = context_.bool_const(("q" + std::to_string(++questions_)).c_str());
    solver_.add(z3::implies(named, what));
    assumed.push_back(named);
    return check(solver_, assumed) == z3::unsat;
  }

  // A claim may be made for some values of the free parameters only.
  [[nodiscard]] z3::expr where_made(const model::Property& property, const z3::expr& what) const {
    if (property.claimed_when.empty()) return what;
    return encoding_.terms().both(encoding_.holds({}, property.claimed_when), what);
  }

  [[nodiscard]] z3::expr broken(const model::Property& property) {
    const EncodedClaim claim(encoding_, property);
    z3::expr broken = claim.broken_in(state_, {});
    for (std::size_t m = 0; m < encoding_.moves().size(); ++m)
      if (claim.looks_at(m))
        broken = encoding_.terms().either(
            broken, encoding_.terms().both(encoding_.effect(state_, m).enabled, claim.broken_by(state_, m)));
    return where_made(property, claim.broken_at_start() ? context_.bool_val(true) : broken);
  }

  std::optional<VacuousClaim> by_itself(const model::Property& property) {
    const model::Claim& claim = property.claim;
    const auto told = [&](Vacuousness reason) { return VacuousClaim{property.name, reason, {}}; };
    if (const auto from = antecedent_of(claim);
        !from.empty() && is_impossible(where_made(property, encoding_.holds(state_, from))))
      return told(Vacuousness::never_applies);
    if (std::holds_alternative<model::Asserted>(claim) &&
        !is_asserted_anywhere(encoding_.model(), property.name))
      return told(Vacuousness::never_made);
    if (const auto what = sought_by(claim); !what.empty()) {
      const z3::expr holds = encoding_.holds(state_, what);
      if (is_impossible(where_made(property, holds))) return told(Vacuousness::cannot_hold);
      if (is_impossible(where_made(property, encoding_.terms().negated(holds))))
        return told(Vacuousness::cannot_fail);
    }
    const bool is_asserted = std::holds_alternative<model::Asserted>(claim);
    if (!is_asserted && !can_be_said_of_a_state(claim)) return {};
    const z3::expr fails = broken(property);
    if (is_impossible(fails)) return told(Vacuousness::cannot_fail);
    if (can_be_said_of_a_state(claim)) stated_.push_back({property.name, fails});
    return {};
  }

  // Of claims that imply each other the first one stays.
  void find_implied(std::map<std::string, VacuousClaim>& found) {
    for (std::size_t i = 0; i < stated_.size(); ++i)
      for (std::size_t by = 0; by < stated_.size() && !found.contains(stated_[i].name); ++by) {
        if (by == i || !implies(stated_[by], stated_[i])) continue;
        if (by > i && implies(stated_[i], stated_[by])) continue;
        // What no state satisfies implies everything.
        if (is_impossible(encoding_.terms().negated(stated_[by].broken))) continue;
        found[stated_[i].name] = {stated_[i].name, Vacuousness::is_implied, stated_[by].name};
      }
  }

  bool implies(const Stated& one, const Stated& other) {
    return is_impossible(encoding_.terms().both(encoding_.terms().negated(one.broken), other.broken));
  }

  z3::context context_;
  Encoding encoding_;
  double milliseconds_;
  support::Stopwatch stopwatch_;
  Symbols state_;
  z3::solver solver_;
  std::vector<Stated> stated_;
  unsigned questions_ = 0;
};

} // namespace

std::vector<VacuousClaim> vacuous_claims(const Problem& problem, double seconds) {
  try {
    return Search(problem, seconds).run();
  } catch (const support::InputError&) {
    return {}; // what cannot be encoded
  }
}

} // namespace tdxcheck::prove
