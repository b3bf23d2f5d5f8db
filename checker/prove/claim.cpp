// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/claim.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/count_rounds.h"
#include "prove/lock_rules.h"
#include "prove/prove.h"
#include "prove/rewrite.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {

using model::BinaryOp;
using model::Expr;

bool is_safety(const model::Claim& claim) {
  return std::holds_alternative<model::Always>(claim) || std::holds_alternative<model::Asserted>(claim) ||
         std::holds_alternative<model::LockDiscipline>(claim) ||
         std::holds_alternative<model::Balanced>(claim) || std::holds_alternative<model::Retries>(claim);
}

bool is_about_states(const model::Claim& claim) {
  return is_safety(claim) || std::holds_alternative<model::NoDeadlock>(claim);
}

EncodedClaim::EncodedClaim(const Encoding& encoding, const model::Property& property)
    : encoding_(encoding), property_(property), in_move_(encoding.moves().size()) {
  std::visit([&](const auto& claim) { speak_of(claim); }, property.claim);
}

template <class Other>
void EncodedClaim::speak_of(const Other&) {
  throw support::InputError(
      fmt::format("`{}` ({}) is not about single states and steps, and nothing that the prover decides",
                  property_.name, model::template_name(property_.claim)));
}

void EncodedClaim::speak_of(const model::Always& claim) { must_hold_.push_back(claim.condition); }

void EncodedClaim::speak_of(const model::Asserted&) {
  const auto negated_if_mine = [&](const model::Fact& fact, auto&& take) {
    const auto* assertion = std::get_if<model::Assertion>(&fact);
    if (assertion != nullptr && assertion->property == property_.name)
      take(model::negation(assertion->holds));
  };
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m)
    for (const model::Fact& fact : encoding_.step_of(m).facts)
      negated_if_mine(fact, [&](Expr failed) { in_move_[m].push_back(std::move(failed)); });
  for (const model::Thread& thread : encoding_.model().threads)
    for (const model::Fact& fact : thread.start_facts)
      negated_if_mine(fact, [&](const Expr& failed) {
        broken_at_start_ = broken_at_start_ || encoding_.evaluate({}, failed).value.is_true();
      });
}

void EncodedClaim::speak_of(const model::NoDeadlock&) { about_stops_ = true; }

void EncodedClaim::speak_of(const model::LockDiscipline&) {
  const model::Model& model = encoding_.model();
  std::vector<model::Problem> problems;
  const auto contexts = model::label_contexts(model, problems);
  if (!problems.empty()) throw support::InputError(model::describe(problems));
  const auto& threads = encoding_.instance().threads();
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m) {
    const std::size_t t = encoding_.moves()[m].thread;
    const model::Step& step = encoding_.step_of(m);
    const auto breaches = breaches_of(model, contexts[threads[t].thread.value][step.from.value], step.facts);
    for (const Breach& breach : breaches.at_label)
      at_label_.push_back({t, step.from, breach.condition, encoding_.surroundings_of(m)});
    for (const Breach& breach : breaches.in_step) in_move_[m].push_back(breach.condition);
  }
  for (std::size_t t = 0; t < threads.size(); ++t) {
    const model::Thread& thread = model.threads[threads[t].thread];
    for (const auto label : thread.labels.ids())
      if (thread.labels[label].end &&
          !wrong_at_end(model, contexts[threads[t].thread.value][label.value]).empty())
        at_label_.push_back({t, label, model::truth(true), {}});
    Surroundings here;
    here.self = threads[t].member;
    for (const Breach& breach : breaches_of(model, {}, thread.start_facts).in_step)
      broken_at_start_ = broken_at_start_ || !encoding_.evaluate({}, breach.condition, here).value.is_false();
  }
}

void EncodedClaim::speak_of(const model::Balanced& claim) {
  const model::Counter& counter = encoding_.model().counters[claim.counter];
  must_hold_.push_back(model::binary(BinaryOp::equal, counter.value, counter.holders));
  must_hold_at_the_end_.push_back(model::binary(BinaryOp::equal, counter.value, model::integer(0)));
  if (!counter.freed.empty())
    must_hold_.push_back(model::binary(BinaryOp::implies, counter.freed,
                                       model::binary(BinaryOp::equal, counter.holders, model::integer(0))));
}

void EncodedClaim::speak_of(const model::Retries& claim) {
  must_hold_.push_back(within_limit(encoding_.model(), property_, claim));
}

z3::expr EncodedClaim::all_ended(const Symbols& state) const {
  const Terms& terms = encoding_.terms();
  z3::expr all = encoding_.context().bool_val(true);
  for (std::size_t t = 0; t < encoding_.instance().threads().size(); ++t) {
    const model::Thread& thread = encoding_.model().threads[encoding_.instance().threads()[t].thread];
    z3::expr ended = terms.negated(encoding_.exists(t));
    for (const auto label : thread.labels.ids())
      if (thread.labels[label].end) ended = terms.either(ended, encoding_.is_at(state, t, label));
    all = terms.both(all, ended);
  }
  for (const auto id : encoding_.model().threads.ids()) all = terms.both(all, others_ended(id));
  return all;
}

// Of a thread that is one per member of an open set: those without a name.
z3::expr EncodedClaim::others_ended(model::Id<model::Thread> id) const {
  const model::Thread& thread = encoding_.model().threads[id];
  const OpenSet* set = thread.over ? encoding_.open_sets().find(*thread.over) : nullptr;
  if (set == nullptr || !set->others) return encoding_.context().bool_val(true);
  z3::expr ended = encoding_.context().int_val(0);
  for (const auto label : thread.labels.ids())
    if (thread.labels[label].end) ended = ended + encoding_.open_sets().unnamed_at(id, label);
  return ended == *set->others;
}

z3::expr EncodedClaim::stopped(const Symbols& state, const std::vector<Effect>& effects) const {
  const Terms& terms = encoding_.terms();
  z3::expr nothing = encoding_.context().bool_val(true);
  for (const Effect& effect : effects) nothing = terms.both(nothing, terms.negated(effect.enabled));
  return terms.both(nothing, terms.negated(all_ended(state)));
}

z3::expr EncodedClaim::broken_in(const Symbols& state, const std::vector<Effect>& effects) const {
  const Terms& terms = encoding_.terms();
  z3::expr broken = encoding_.context().bool_val(false);
  // A condition without a value counts as broken: that it has one is part of what is proved.
  for (const Expr& condition : must_hold_) broken = terms.either(broken, encoding_.refuted(state, condition));
  for (const Expr& condition : must_hold_at_the_end_)
    broken = terms.either(broken, terms.both(all_ended(state), encoding_.refuted(state, condition)));
  // Without its guard, what a step would acquire need not exist.
  for (const AtLabel& at : at_label_)
    broken = terms.either(broken, terms.both(encoding_.exists(at.thread),
                                             terms.both(encoding_.is_at(state, at.thread, at.label),
                                                        encoding_.holds(state, at.condition, at.here))));
  if (about_stops_) broken = terms.either(broken, stopped(state, effects));
  return broken;
}

z3::expr EncodedClaim::broken_by(const Symbols& state, std::size_t move) const {
  z3::expr broken = encoding_.context().bool_val(false);
  for (const Expr& condition : in_move_[move])
    broken =
        encoding_.terms().either(broken, encoding_.holds(state, condition, encoding_.surroundings_of(move)));
  return broken;
}

std::vector<Expr> EncodedClaim::as_lemmas(const Features& features) const {
  std::vector<Expr> lemmas = must_hold_;
  for (const AtLabel& at : at_label_)
    lemmas.push_back(model::negation(model::conjunction(
        features.is_at(at.thread, at.label), with_members(at.condition, {at.here.self, at.here.bound}))));
  for (std::size_t m = 0; m < in_move_.size(); ++m) {
    if (in_move_[m].empty()) continue;
    const model::Step& step = encoding_.step_of(m);
    const Surroundings here = encoding_.surroundings_of(m);
    Expr enabled = model::conjunction(features.is_at(encoding_.moves()[m].thread, step.from),
                                      with_members(step.guard, {here.self, here.bound}));
    for (const model::NamedConjunct& conjunct : step.named)
      if (encoding_.instance().valuation().kept.at(conjunct.guard.value))
        enabled = model::conjunction(enabled, with_members(conjunct.condition, {here.self, here.bound}));
    for (const Expr& condition : in_move_[m])
      lemmas.push_back(
          model::negation(model::conjunction(enabled, with_members(condition, {here.self, here.bound}))));
  }
  return lemmas;
}

z3::expr EncodedClaim::is_made() const {
  if (property_.claimed_when.empty()) return encoding_.context().bool_val(true);
  return encoding_.holds({}, property_.claimed_when);
}

} // namespace tdxcheck::prove
