// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/two_state_induction.h"

#include <algorithm>
#include <set>

#include "prove/open_sets.h"

namespace tdxcheck::prove {

TwoStateInduction::TwoStateInduction(const Encoding& encoding, const Deadline& deadline)
    : encoding_(encoding),
      deadline_(deadline),
      pair_(encoding),
      start_(make_solver(encoding)),
      here_(make_solver(encoding)),
      step_(make_solver(encoding)),
      any_step_(encoding.context()) {
  const z3::expr step = pair_.extend();
  const z3::expr any_state = encoding.parameters_have_values() && encoding.typed(pair_.state(0));
  any_step_ = any_state && step;
  start_.add(encoding.parameters_have_values());
  start_.add(encoding.initial(pair_.state(0)));
  here_.add(any_state);
  step_.add(any_step_);
  for (std::size_t i = 0; i < pair_.state(0).size(); ++i) symbol_of_.emplace(pair_.state(0)[i].id(), i);
}

// After any other, the lemma says what it said before.
const z3::expr& TwoStateInduction::moves_of(Lemma& lemma) {
  if (lemma.moves) return *lemma.moves;
  std::set<std::size_t> about;
  for (const std::size_t symbol : constants_in(lemma.now, symbol_of_)) about.insert(symbol);
  z3::expr_vector moves(encoding_.context());
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m) {
    const Effect& effect = pair_.effects(0)[m];
    const std::size_t label = encoding_.instance().cells().size() + encoding_.moves()[m].thread;
    if (about.contains(label) ||
        std::ranges::any_of(effect.writes, [&](const Write& write) { return about.contains(write.cell); }))
      moves.push_back(encoding_.selects(pair_.selector(0), m));
  }
  lemma.some_move = z3::mk_or(moves);
  lemma.moves = named(step_, *lemma.some_move);
  return *lemma.moves;
}

std::size_t TwoStateInduction::add(const model::Expr& lemma) {
  const std::string number = std::to_string(lemmas_.size());
  z3::context& context = encoding_.context();
  lemmas_.push_back({lemma, encoding_.holds(pair_.state(0), lemma), encoding_.refuted(pair_.state(0), lemma),
                     encoding_.refuted(pair_.state(1), lemma),
                     context.bool_const(("assumed!" + number).c_str()),
                     context.bool_const(("broken!" + number).c_str())});
  const Lemma& added = lemmas_.back();
  here_.add(z3::implies(added.assumed, added.now));
  step_.add(z3::implies(added.assumed, added.now));
  step_.add(added.broken == added.broken_next);
  start_.add(added.broken == added.broken_now);
  for (const z3::expr& fact : encoding_.facts_about_the_start()) start_.add(fact);
  return lemmas_.size() - 1;
}

std::vector<std::size_t> TwoStateInduction::living() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < lemmas_.size(); ++i)
    if (lemmas_[i].alive) all.push_back(i);
  return all;
}

z3::expr_vector TwoStateInduction::assumptions() const {
  z3::expr_vector all(encoding_.context());
  for (const Lemma& lemma : lemmas_)
    if (lemma.alive) all.push_back(lemma.assumed);
  return all;
}

// A literal that stands for the question, as assumptions must be literals.
z3::expr TwoStateInduction::named(z3::solver& solver, const z3::expr& question) {
  const std::string name = "question!" + std::to_string(++questions_);
  const z3::expr literal = encoding_.context().bool_const(name.c_str());
  solver.add(z3::implies(literal, question));
  return literal;
}

// Z3 4.8 answers `sat` now and then with a model that is none, where integers and functions mix. The question
// is then put to a new solver.
z3::check_result TwoStateInduction::check_again_if_wrong(z3::solver& solver,
                                                         const z3::expr_vector& assumptions) {
  const auto is_right = [&] {
    if (encoding_.is_finite()) return true;
    const z3::expr_vector asserted = solver.assertions();
    for (unsigned i = 0; i < asserted.size(); ++i)
      if (!found_->eval(asserted[static_cast<int>(i)], true).is_true()) return false;
    return true;
  };
  for (const bool again : {true, false}) {
    const z3::check_result answer = check(solver, assumptions);
    if (answer != z3::sat) return answer;
    found_ = solver.get_model();
    if (is_right()) return answer;
    if (!again) break;
    z3::solver fresh = make_solver(encoding_);
    fresh.add(solver.assertions());
    solver = fresh;
  }
  found_.reset();
  return z3::unknown;
}

// Yes: what was asked for does not exist.
Answer TwoStateInduction::ask(z3::solver& solver, const z3::expr_vector& assumptions, bool two_states) {
  found_.reset();
  if (deadline_.is_over()) return Answer::unknown;
  switch (check_again_if_wrong(solver, assumptions)) {
  case z3::unsat: return Answer::yes;
  case z3::unknown: return Answer::unknown;
  case z3::sat: break;
  }
  counterexample_ =
      Counterexample{encoding_.parameters_in(*found_), encoding_.state_in(*found_, pair_.state(0)), {}};
  if (two_states) counterexample_->to = encoding_.state_in(*found_, pair_.state(1));
  return Answer::no;
}

Answer TwoStateInduction::holds_initially(std::size_t lemma) {
  z3::expr_vector wanted(encoding_.context());
  wanted.push_back(lemmas_[lemma].broken);
  return ask(start_, wanted, false);
}

Answer TwoStateInduction::survive() {
  z3::expr_vector broken(encoding_.context());
  for (const Lemma& lemma : lemmas_)
    if (lemma.alive) broken.push_back(lemma.broken);
  if (broken.empty()) return Answer::yes;
  z3::expr_vector wanted = assumptions();
  wanted.push_back(named(step_, z3::mk_or(broken)));
  return ask(step_, wanted, true);
}

bool TwoStateInduction::survives_as_expected(std::size_t i) {
  Lemma& lemma = lemmas_[i];
  lemma.is_as_expected = false;
  if (!lemma.expected || deadline_.is_over()) return false;
  z3::solver solver = make_solver(encoding_);
  solver.add(any_step_);
  solver.add(lemma.now);
  for (const std::size_t other : *lemma.expected) {
    if (!lemmas_[other].alive) return false;
    solver.add(lemmas_[other].now);
  }
  (void)moves_of(lemma);
  solver.add(lemma.broken_next);
  solver.add(*lemma.some_move);
  lemma.is_as_expected = check(solver, z3::expr_vector(encoding_.context())) == z3::unsat;
  return lemma.is_as_expected;
}

Answer TwoStateInduction::survives(std::size_t lemma) {
  if (survives_as_expected(lemma)) return Answer::yes;
  z3::expr_vector wanted = assumptions();
  wanted.push_back(lemmas_[lemma].broken);
  wanted.push_back(moves_of(lemmas_[lemma]));
  broken_ = lemma;
  return ask(step_, wanted, true);
}

std::optional<std::vector<bool>> TwoStateInduction::symbols_that_matter() {
  const Symbols& symbols = pair_.state(0);
  z3::solver& solver = broken_ ? step_ : here_;
  z3::expr_vector given = assumptions();
  const auto is_as_found = [&](const z3::expr& what) {
    return named(solver, what == found_->eval(what, true));
  };
  for (const z3::expr& parameter : encoding_.parameters()) given.push_back(is_as_found(parameter));
  for (const result::OpenSet& open : encoding_.problem().open)
    if (const OpenSet* set = encoding_.open_sets().find(open.set))
      for (const Term& member : set->members) given.push_back(is_as_found(member.value));
  if (broken_) {
    given.push_back(is_as_found(pair_.selector(0)));
    given.push_back(!lemmas_[*broken_].broken);
  } else {
    given.push_back(named(solver, !*violation_));
  }
  std::vector<z3::expr> literals;
  for (const z3::expr& symbol : symbols) literals.push_back(is_as_found(symbol));
  const model::Instance& instance = encoding_.instance();
  const auto rank = [&](std::size_t i) {
    return i < instance.cells().size() && instance.sort(i).kind == model::SortKind::integer ? 0 : 1;
  };
  return which_matter(symbols.size(), rank, [&](const std::vector<std::size_t>& some) {
    return enough_of(solver, deadline_, given, literals, some);
  });
}

Answer TwoStateInduction::rule_out(const z3::expr& violation) {
  if (violation.is_false()) return Answer::yes;
  broken_.reset();
  violation_ = violation;
  z3::expr_vector wanted = assumptions();
  wanted.push_back(named(here_, violation));
  return ask(here_, wanted, false);
}

// By the literals that stand for it: looking a formula up in a model takes long.
bool TwoStateInduction::drop_false() {
  bool any = false;
  for (Lemma& lemma : lemmas_) {
    if (!lemma.alive || !found_->eval(lemma.broken, true).is_true()) continue;
    lemma.alive = false;
    any = true;
  }
  return any; // or it was no counterexample
}

bool TwoStateInduction::houdini() {
  const auto drop_all = [&] {
    for (Lemma& lemma : lemmas_) lemma.alive = false;
    return false;
  };
  for (;;) {
    z3::expr_vector broken(encoding_.context());
    for (const Lemma& lemma : lemmas_)
      if (lemma.alive) broken.push_back(lemma.broken);
    if (broken.empty()) return true;
    z3::expr_vector wanted(encoding_.context());
    wanted.push_back(named(start_, z3::mk_or(broken)));
    const Answer answer = ask(start_, wanted, false);
    if (answer == Answer::unknown) return drop_all();
    if (answer == Answer::yes) break;
    if (!drop_false()) return drop_all();
  }
  for (;;) {
    const Answer answer = survive();
    if (answer == Answer::unknown) return drop_all();
    if (answer == Answer::yes) return true;
    if (!drop_false()) return drop_all();
  }
}

std::optional<std::vector<std::size_t>> TwoStateInduction::core_of(z3::solver& solver,
                                                                   const z3::expr& question) {
  z3::expr_vector wanted = assumptions();
  wanted.push_back(named(solver, question));
  if (ask(solver, wanted, false) != Answer::yes) return {};
  const z3::expr_vector core = solver.unsat_core();
  std::vector<std::size_t> named_by;
  for (unsigned c = 0; c < core.size(); ++c)
    for (std::size_t i = 0; i < lemmas_.size(); ++i)
      if (z3::eq(core[static_cast<int>(c)], lemmas_[i].assumed)) named_by.push_back(i);
  return named_by;
}

std::vector<std::size_t> TwoStateInduction::needed_for(const z3::expr& violation) {
  const std::vector<std::size_t> all = living();
  if (violation.is_false()) return {};
  ruled_out_by_ = core_of(here_, violation);
  if (!ruled_out_by_) return all;
  // Where the expected core was enough, it is not asked again: with all lemmas, that takes long.
  const auto core = [&](std::size_t i) {
    lemmas_[i].core = lemmas_[i].is_as_expected ? lemmas_[i].expected : core_of(step_, lemmas_[i].broken);
    if (lemmas_[i].core) std::erase(*lemmas_[i].core, i);
    return lemmas_[i].core;
  };
  return closed_under_cores(*ruled_out_by_, core).value_or(all);
}

} // namespace tdxcheck::prove
