// SPDX-License-Identifier: GPL-2.0-or-later
//
// One move of one thread, as semantics/ performs it: the guard, then everything that its facts and updates
// evaluate, then the ranges of what was written. Whatever has no value on the way, or leaves its range, makes
// the move a model error.

#include <fmt/format.h>

#include "prove/encoding.h"
#include "prove/evaluation.h"
#include "support/contract.h"

namespace tdxcheck::prove {
namespace {

// Whether everything has a value that the facts of a step evaluate.
struct FactIsDefined {
  const Encoding& encoding;
  const Symbols& state;
  const Surroundings& here;

  z3::expr of(const model::Expr& e) const {
    const Term term = encoding.evaluate(state, e, here);
    return term.defined ? *term.defined : encoding.context().bool_val(true);
  }
  z3::expr always() const { return encoding.context().bool_val(true); }

  z3::expr operator()(const model::LockEvent& x) const {
    z3::expr all = always();
    for (const model::Expr& e : x.instance) all = encoding.terms().both(all, of(e));
    return all;
  }
  z3::expr operator()(const model::Assertion& x) const { return of(x.holds); }
  z3::expr operator()(const model::Cost& x) const { return of(x.amount); }
  // These evaluate nothing.
  z3::expr operator()(const model::WaitForLock&) const { return always(); }
  z3::expr operator()(const model::WaitForThreads&) const { return always(); }
  z3::expr operator()(const model::WaitForCpu&) const { return always(); }
  z3::expr operator()(const model::LoopEvent&) const { return always(); }
  z3::expr operator()(const model::OperationEvent&) const { return always(); }
  z3::expr operator()(const model::ContextEvent&) const { return always(); }
  z3::expr operator()(const model::RanUnder&) const { return always(); }
};

} // namespace

Effect Encoding::effect(const Symbols& state, std::size_t move) const {
  const model::Step& step = step_of(move);
  const Surroundings here = surroundings_of(move);
  const Evaluation look(*this, state, here);

  Term guard = terms_.truth(true);
  if (!step.guard.empty()) guard = look.of(step.guard);
  for (const model::NamedConjunct& conjunct : step.named)
    if (problem_.valuation.kept.at(conjunct.guard.value))
      guard = terms_.apply(model::BinaryOp::logical_and, guard, look.of(conjunct.condition));

  Effect result{guard.value, context_.bool_val(false), {}};
  if (guard.defined) result.enabled = terms_.either(terms_.negated(*guard.defined), guard.value);
  result.enabled = terms_.both(is_at(state, moves_[move].thread, step.from), result.enabled);
  result.enabled = terms_.both(exists(moves_[move].thread), result.enabled);
  for (std::size_t i = 0; i < step.choices.size(); ++i)
    result.enabled = terms_.both(exists(step.choices[i].set, moves_[move].choices[i]), result.enabled);
  for (std::size_t i = 0; i < problem_.open.size(); ++i)
    for (const model::Expr& member : named_to_be_read(
             problem_.model, problem_.model.threads[instance_.threads()[moves_[move].thread].thread], step,
             problem_.open[i].set, named_by_a_step_[i]))
      if (const auto elsewhere = look.has_no_name(member))
        result.enabled = terms_.both(result.enabled, terms_.negated(*elsewhere));
  if (!step.error.empty()) {
    result.error = context_.bool_val(true);
    return result;
  }

  z3::expr fine = guard.defined ? *guard.defined : context_.bool_val(true);
  for (const model::Fact& fact : step.facts)
    fine = terms_.both(fine, std::visit(FactIsDefined{*this, state, here}, fact));
  std::map<std::size_t, Term> written; // before ranges are looked at
  for (const model::Update& update : step.updates) {
    const auto where = look.places(update.target);
    const Term value = look.of(update.value);
    if (where.defined) fine = terms_.both(fine, *where.defined);
    // Whoever is written to has a name, and whoever is put into a subset or taken out.
    if (where.elsewhere) result.enabled = terms_.both(result.enabled, terms_.negated(*where.elsewhere));
    for (const model::Expr& member : put_or_taken(update.value))
      if (const auto elsewhere = look.has_no_name(member))
        result.enabled = terms_.both(result.enabled, terms_.negated(*elsewhere));
    if (value.defined) fine = terms_.both(fine, *value.defined);
    for (const auto& place : where.places) {
      const auto before = written.find(place.cell);
      Term next = terms_.conditional(terms_.truth(place.condition), value,
                                     before == written.end() ? cell_term(state, place.cell) : before->second);
      next.defined.reset();
      written.insert_or_assign(place.cell, next);
    }
  }
  for (const auto& [cell, value] : written) {
    fine = terms_.both(fine, in_range(cell, value));
    result.writes.push_back({cell, as_cell(cell, value)});
    if (value.unnamed) result.writes.push_back({*cells_[cell].unnamed, *value.unnamed});
  }
  result.error = terms_.negated(fine);
  return result;
}

std::vector<Effect> Encoding::effects(const Symbols& state) const {
  std::vector<Effect> all;
  for (std::size_t m = 0; m < moves_.size(); ++m) all.push_back(effect(state, m));
  return all;
}

Symbols Encoding::after(const Symbols& state, std::size_t move, const Effect& effect) const {
  Symbols next = state;
  for (const Write& write : effect.writes) next[write.cell] = write.value;
  const std::size_t thread = moves_[move].thread;
  const model::Id<model::Label> to = step_of(move).to;
  const Term label = label_constant(thread, to);
  const Term now = label_term(state, thread);
  next[cells_.size() + thread] = now.kind == TermKind::integer ? terms_.as_integer(label)
                                 : now.kind == TermKind::bits  ? terms_.resized(label, now.low, now.high)
                                                               : label.value;
  return next;
}

z3::expr Encoding::selector(const std::string& suffix) const {
  const auto most = static_cast<model::Value>(moves_.size());
  return context_.bv_const(fmt::format("move!{}", suffix).c_str(), width_of(0, most));
}

z3::expr Encoding::selects(const z3::expr& selector, std::size_t move) const {
  return selector == context_.bv_val(static_cast<std::uint64_t>(move), selector.get_sort().bv_size());
}

// Every next value is one case distinction over the moves that write it: no frame conditions.
z3::expr Encoding::step(const Symbols& now, const std::vector<Effect>& effects, const Symbols& next,
                        const z3::expr& selector) const {
  Symbols value = now;
  z3::expr_vector all(context_);
  all.push_back(z3::ult(
      selector, context_.bv_val(static_cast<std::uint64_t>(moves_.size()), selector.get_sort().bv_size())));
  for (std::size_t m = 0; m < moves_.size(); ++m) {
    const Effect& what = effects[m];
    const z3::expr chosen = selects(selector, m);
    all.push_back(terms_.implies(chosen, terms_.both(what.enabled, terms_.negated(what.error))));
    for (const Write& write : what.writes)
      value[write.cell] = terms_.choose(chosen, write.value, value[write.cell]);
    const std::size_t label = cells_.size() + moves_[m].thread;
    value[label] = terms_.choose(chosen, after(now, m, what)[label], value[label]);
  }
  for (std::size_t i = 0; i < now.size(); ++i) all.push_back(next[i] == value[i]);
  return z3::mk_and(all);
}

} // namespace tdxcheck::prove
