// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/coverage.h"

#include <algorithm>

namespace tdxcheck::explore {
namespace {

using model::Expr;

// The step's guard without its conjunct number `without`, and that conjunct false.
Expr stake_of(const model::Step& step, std::size_t without) {
  Expr stake = step.guard;
  for (std::size_t i = 0; i < step.named.size(); ++i) {
    const Expr& condition = step.named[i].condition;
    stake = model::conjunction(stake, i == without ? model::negation(condition) : condition);
  }
  return stake;
}

// When an implication, possibly for all members of some sets, says anything at all. Empty: it always does.
Expr antecedent_of(const Expr& e) {
  if (const auto* x = std::get_if<model::Quantified>(&e.node().kind)) {
    if (x->kind != model::QuantifierKind::for_all) return {};
    const Expr inside = antecedent_of(x->body);
    if (inside.empty()) return {};
    return model::make(e.sort(), model::Quantified{model::QuantifierKind::exists, x->bound, x->over, inside});
  }
  const auto* x = std::get_if<model::Binary>(&e.node().kind);
  return x != nullptr && x->op == model::BinaryOp::implies ? x->left : Expr();
}

} // namespace

Coverage::Coverage(InterpretedSystem& system)
    : system_(system), at_stake_(system.instance().model().guards.size()) {
  const auto& threads = system.instance().threads();
  for (std::size_t t = 0; t < threads.size(); ++t) {
    const model::Thread& thread = system.instance().model().threads[threads[t].thread];
    taken_.emplace_back(system.moves()[t].moves.size(), std::uint8_t{0});
    stakes_.emplace_back(thread.labels.size());
    for (const model::Step& step : thread.steps) add_stakes(t, step);
    for (Stakes& stakes : stakes_.back()) remember(stakes);
    if (has_stakes(t)) threads_with_stakes_.push_back(t);
  }
  add_claims();
}

// Over all ways to choose, those included for which the conjunct is false whatever the state.
void Coverage::add_stakes(std::size_t thread, const model::Step& step) {
  if (step.named.empty() || !step.error.empty()) return;
  std::vector<model::Value> choices(step.choices.size(), 0);
  do {
    const Surroundings here = surroundings_of(system_.instance().threads()[thread], step, choices);
    for (std::size_t i = 0; i < step.named.size(); ++i) {
      const auto program = system_.compile(stake_of(step, i), here);
      if (program.known && *program.known == 0) continue;
      stakes_[thread][step.from.value].open.push_back({step.named[i].guard, program});
    }
  } while (next_choices(system_.instance(), step, choices));
}

void Coverage::add_claims() {
  const auto& properties = system_.instance().model().properties;
  for (std::size_t p = 0; p < properties.size(); ++p) {
    Expr matters;
    if (const auto* always = std::get_if<model::Always>(&properties[p].claim)) {
      matters = antecedent_of(always->condition);
    } else if (const auto* balanced = std::get_if<model::Balanced>(&properties[p].claim)) {
      const Expr& value = system_.instance().model().counters[balanced->counter].value;
      matters = model::binary(model::BinaryOp::not_equal, value, model::integer(0));
    }
    if (const auto* leads = std::get_if<model::LeadsTo>(&properties[p].claim)) matters = leads->from;
    if (matters.empty()) continue;
    const auto program = system_.compile(matters);
    idle_claims_.push_back({p, program, {system_.layout(), system_.fields_read(program)}});
  }
}

void Coverage::remember(Stakes& stakes) const {
  std::vector<bool> reads(system_.layout().fields().size(), false);
  for (const Stake& stake : stakes.open) {
    const std::vector<bool> more = system_.fields_read(stake.program);
    for (std::size_t f = 0; f < reads.size(); ++f) reads[f] = reads[f] || more[f];
  }
  stakes.settled = {system_.layout(), reads};
}

bool Coverage::has_stakes(std::size_t thread) const {
  return std::ranges::any_of(stakes_[thread], [](const Stakes& stakes) { return !stakes.open.empty(); });
}

void Coverage::look_at(Stakes& here, StateView state) {
  for (std::size_t i = 0; i < here.open.size();) {
    const model::Id<model::GuardName> guard = here.open[i].guard;
    if (!at_stake_[guard.value] && system_.value_if_any(here.open[i].program).value_or(0) == 0) {
      ++i;
      continue;
    }
    at_stake_[guard.value] = true;
    here.open[i] = here.open.back();
    here.open.pop_back();
  }
  here.settled.add(state);
}

void Coverage::at_state(StateView state) {
  bool looked = false;
  for (const std::size_t t : threads_with_stakes_) {
    Stakes& here = stakes_[t][system_.label(state, t).value];
    if (here.open.empty() || here.settled.has(state)) continue;
    look_at(here, state);
    looked = true;
  }
  if (looked) std::erase_if(threads_with_stakes_, [&](std::size_t t) { return !has_stakes(t); });
  std::erase_if(idle_claims_, [&](Claim& claim) {
    if (claim.settled.has(state)) return false;
    if (system_.value_if_any(claim.matters).value_or(0) != 0) return true;
    claim.settled.add(state);
    return false;
  });
}

void Coverage::at_moves(const MoveSet& moves) {
  every_move(system_, [&](Move move) {
    if (moves[move] != 0) at_move(move);
  });
}

void Coverage::add(const Coverage& other) {
  for (std::size_t t = 0; t < taken_.size(); ++t)
    for (std::size_t m = 0; m < taken_[t].size(); ++m) taken_[t][m] |= other.taken_[t][m];
  for (std::size_t guard = 0; guard < at_stake_.size(); ++guard)
    at_stake_[guard] = at_stake_[guard] || other.at_stake_[guard];
  std::erase_if(idle_claims_, [&](const Claim& claim) { return !other.is_idle(claim.property); });
}

bool Coverage::is_idle(std::size_t property) const {
  return std::any_of(idle_claims_.begin(), idle_claims_.end(),
                     [&](const Claim& claim) { return claim.property == property; });
}

} // namespace tdxcheck::explore
