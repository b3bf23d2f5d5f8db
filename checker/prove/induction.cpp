// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/induction.h"

#include <algorithm>

namespace tdxcheck::prove {

z3::solver make_solver(const Encoding& encoding) {
  return encoding.is_finite() ? z3::solver(encoding.context(), "QF_FD")
                              : z3::solver(encoding.context(), z3::solver::simple());
}

Induction::Induction(const Encoding& encoding, const Deadline& deadline)
    : encoding_(encoding),
      deadline_(deadline),
      pair_(encoding),
      start_(make_solver(encoding)),
      here_(make_solver(encoding)),
      step_(make_solver(encoding)) {
  const z3::expr step = pair_.extend();
  const z3::expr any_state = encoding.parameters_have_values() && encoding.typed(pair_.state(0));
  start_.add(encoding.parameters_have_values());
  start_.add(encoding.initial(pair_.state(0)));
  here_.add(any_state);
  step_.add(any_state);
  step_.add(step);
}

std::size_t Induction::add(const model::Expr& lemma) {
  const std::size_t added = add_idle(lemma);
  lemmas_[added].alive = true;
  return added;
}

std::size_t Induction::add_idle(const model::Expr& lemma) {
  const std::string number = std::to_string(lemmas_.size());
  z3::context& context = encoding_.context();
  const auto literal = [&](const char* name) { return context.bool_const((name + number).c_str()); };
  lemmas_.push_back({lemma, encoding_.holds(pair_.state(0), lemma), encoding_.holds(pair_.state(1), lemma),
                     literal("assumed!"), literal("broken!"), literal("some_broken!"), false});
  const Lemma& added = lemmas_.back();
  by_literal_.emplace(added.assumed.id(), lemmas_.size() - 1);
  here_.add(z3::implies(added.assumed, added.now));
  step_.add(z3::implies(added.assumed, added.now));
  step_.add(z3::implies(added.broken, !added.next));
  start_.add(z3::implies(added.broken, !added.now));
  // One short clause more instead of one long one for each question.
  const z3::expr some = lemmas_.size() == 1
                            ? added.broken
                            : added.broken || lemmas_[lemmas_.size() - 2].some_broken;
  step_.add(z3::implies(added.some_broken, some));
  start_.add(z3::implies(added.some_broken, some));
  return lemmas_.size() - 1;
}

std::vector<model::Expr> Induction::alive() const {
  std::vector<model::Expr> all;
  for (const Lemma& lemma : lemmas_)
    if (lemma.alive) all.push_back(lemma.said);
  return all;
}

std::vector<std::size_t> Induction::living() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < lemmas_.size(); ++i)
    if (lemmas_[i].alive) all.push_back(i);
  return all;
}

z3::expr_vector Induction::assumptions() const {
  z3::expr_vector all(encoding_.context());
  for (const Lemma& lemma : lemmas_)
    if (lemma.alive) all.push_back(lemma.assumed);
  return all;
}

void Induction::want_some_broken(z3::expr_vector& wanted) const {
  wanted.push_back(lemmas_.back().some_broken);
  for (const Lemma& lemma : lemmas_)
    if (!lemma.alive) wanted.push_back(!lemma.broken);
}

// A literal that stands for the question, as assumptions must be literals.
z3::expr Induction::named(z3::solver& solver, const z3::expr& question) {
  const auto known = named_.find({&solver, question.id()});
  if (known != named_.end()) return known->second.literal;
  const std::string name = "question!" + std::to_string(named_.size());
  const z3::expr literal = encoding_.context().bool_const(name.c_str());
  solver.add(z3::implies(literal, question));
  named_.emplace(std::pair(&solver, question.id()), Named{question, literal});
  return literal;
}

// Yes: what was asked for does not exist.
Answer Induction::ask(z3::solver& solver, const z3::expr_vector& assumptions, bool two_states) {
  found_.reset();
  if (deadline_.is_over()) return Answer::unknown;
  switch (check(solver, assumptions)) {
  case z3::unsat:
    core_.clear();
    for (const z3::expr& literal : solver.unsat_core())
      if (const auto lemma = by_literal_.find(literal.id()); lemma != by_literal_.end())
        core_.push_back(lemma->second);
    return Answer::yes;
  case z3::unknown: return Answer::unknown;
  case z3::sat: break;
  }
  found_ = solver.get_model();
  counterexample_ =
      Counterexample{encoding_.parameters_in(*found_), encoding_.state_in(*found_, pair_.state(0)), {}};
  if (two_states) counterexample_->to = encoding_.state_in(*found_, pair_.state(1));
  return Answer::no;
}

Answer Induction::holds_initially(std::size_t lemma) {
  z3::expr_vector wanted(encoding_.context());
  wanted.push_back(lemmas_[lemma].broken);
  return ask(start_, wanted, false);
}

Answer Induction::survive() {
  core_.clear();
  if (std::ranges::none_of(lemmas_, &Lemma::alive)) return Answer::yes;
  z3::expr_vector wanted = assumptions();
  want_some_broken(wanted);
  return ask(step_, wanted, true);
}

Answer Induction::survive(const std::vector<std::size_t>& which) {
  core_.clear();
  z3::expr_vector broken(encoding_.context());
  for (const std::size_t lemma : which) broken.push_back(lemmas_[lemma].broken);
  if (broken.empty()) return Answer::yes;
  z3::expr_vector wanted = assumptions();
  wanted.push_back(named(step_, z3::mk_or(broken)));
  return ask(step_, wanted, true);
}

Answer Induction::survives_with_the_others(std::size_t lemma) {
  z3::expr_vector wanted = assumptions();
  wanted.push_back(lemmas_[lemma].assumed);
  wanted.push_back(lemmas_[lemma].broken);
  return ask(step_, wanted, true);
}

Answer Induction::rule_out(const z3::expr& violation) {
  core_.clear();
  if (violation.is_false()) return Answer::yes;
  z3::expr_vector wanted = assumptions();
  wanted.push_back(named(here_, violation));
  return ask(here_, wanted, false);
}

bool Induction::houdini() {
  const auto drop_all = [&] {
    for (Lemma& lemma : lemmas_) lemma.alive = false;
    return false;
  };
  const auto drop_false = [&](bool after) {
    bool any = false;
    for (Lemma& lemma : lemmas_) {
      if (!lemma.alive || found_->eval(after ? lemma.next : lemma.now, true).is_true()) continue;
      lemma.alive = false;
      any = true;
    }
    return any; // or it was no counterexample
  };
  for (;;) {
    if (std::ranges::none_of(lemmas_, &Lemma::alive)) return true;
    z3::expr_vector wanted(encoding_.context());
    want_some_broken(wanted);
    const Answer answer = ask(start_, wanted, false);
    if (answer == Answer::unknown) return drop_all();
    if (answer == Answer::yes) break;
    if (!drop_false(false)) return drop_all();
  }
  for (;;) {
    const Answer answer = survive();
    if (answer == Answer::unknown) return drop_all();
    if (answer == Answer::yes) return true;
    if (!drop_false(true)) return drop_all();
  }
}

std::vector<std::size_t> Induction::needed_for(const z3::expr& violation) {
  const std::vector<std::size_t> all = living();
  if (rule_out(violation) != Answer::yes) return all;
  std::vector<std::size_t> open = core_, needed;
  while (!open.empty()) {
    needed.insert(needed.end(), open.begin(), open.end());
    if (survive(open) != Answer::yes) return all;
    open = core_;
    std::erase_if(open, [&](std::size_t lemma) { return std::ranges::count(needed, lemma) > 0; });
  }
  return needed;
}

std::vector<std::size_t>
Induction::false_in_counterexample(const std::vector<std::size_t>& lemmas) const {
  std::vector<std::size_t> all;
  for (const std::size_t lemma : lemmas)
    if (found_ && !found_->eval(lemmas_[lemma].now, true).is_true()) all.push_back(lemma);
  return all;
}

std::vector<std::size_t> Induction::drop_falsified_by_counterexample() {
  std::vector<std::size_t> all;
  const bool after = counterexample_->to.has_value();
  for (std::size_t i = 0; found_ && i < lemmas_.size(); ++i) {
    Lemma& lemma = lemmas_[i];
    if (found_->eval(after ? lemma.next : lemma.now, true).is_true()) continue;
    lemma.alive = false;
    all.push_back(i);
  }
  return all;
}

} // namespace tdxcheck::prove
