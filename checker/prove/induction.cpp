// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/induction.h"

#include <algorithm>
#include <unordered_set>

namespace tdxcheck::prove {

z3::solver make_solver(const Encoding& encoding) {
  return encoding.is_finite() ? z3::solver(encoding.context(), "QF_FD")
                              : z3::solver(encoding.context(), z3::solver::simple());
}

std::optional<std::vector<std::size_t>> closed_under_cores(std::vector<std::size_t> open,
                                                           const CoreOf& core_of) {
  std::vector<std::size_t> closed;
  while (!open.empty()) {
    const std::size_t next = open.back();
    open.pop_back();
    if (std::ranges::count(closed, next) > 0) continue;
    const auto core = core_of(next);
    if (!core) return {};
    closed.push_back(next);
    open.insert(open.end(), core->begin(), core->end());
  }
  return closed;
}

std::vector<std::size_t> constants_in(const z3::expr& formula,
                                      const std::unordered_map<unsigned, std::size_t>& number) {
  std::vector<std::size_t> found;
  std::unordered_set<unsigned> visited;
  std::vector<z3::expr> open{formula};
  while (!open.empty()) {
    const z3::expr part = open.back();
    open.pop_back();
    if (!visited.insert(part.id()).second || !part.is_app()) continue;
    if (const auto known = number.find(part.id()); known != number.end()) found.push_back(known->second);
    for (unsigned i = 0; i < part.num_args(); ++i) open.push_back(part.arg(i));
  }
  return found;
}

Core enough_of(z3::solver& solver, const Deadline& deadline, const z3::expr_vector& given,
               const std::vector<z3::expr>& literals, const std::vector<std::size_t>& some) {
  z3::expr_vector wanted(solver.ctx());
  for (const z3::expr& literal : given) wanted.push_back(literal);
  for (const std::size_t i : some) wanted.push_back(literals[i]);
  if (deadline.is_over() || check(solver, wanted) != z3::unsat) return {};
  std::vector<std::size_t> core;
  for (const z3::expr& literal : solver.unsat_core())
    for (const std::size_t i : some)
      if (z3::eq(literal, literals[i])) core.push_back(i);
  std::ranges::sort(core);
  return core;
}

std::optional<std::vector<bool>>
which_matter(std::size_t symbols, const std::function<int(std::size_t)>& rank,
             const std::function<Core(const std::vector<std::size_t>&)>& enough) {
  Core some;
  for (const int least : {2, 1, 0}) {
    std::vector<std::size_t> those;
    for (std::size_t i = 0; i < symbols; ++i)
      if (rank(i) >= least) those.push_back(i);
    if (!those.empty() && (some = enough(those))) break;
  }
  if (!some) return {};
  std::vector<std::size_t> order = *some;
  std::ranges::stable_sort(order, {}, rank);
  for (const std::size_t i : order) {
    std::vector<std::size_t> fewer = *some;
    if (std::erase(fewer, i) == 0) continue;
    if (Core core = enough(fewer)) some = std::move(core);
  }
  std::vector<bool> matter(symbols, false);
  for (const std::size_t i : *some) matter[i] = true;
  return matter;
}

namespace {

// What a solver has read it must find values for in every answer; so it begins anew now and then, without
// what was asked before. (That is what scopes are for, but Z3's solver for finite domains forgets with them
// what was added after.)
constexpr std::size_t most_questions = 40;

} // namespace

Induction::Induction(const Encoding& encoding, const Deadline& deadline)
    : encoding_(encoding),
      deadline_(deadline),
      path_(encoding),
      start_(make_solver(encoding)),
      here_(make_solver(encoding)),
      after_(encoding.moves().size()),
      written_by_(encoding.moves().size()) {
  for (std::size_t i = 0; i < path_.state(0).size(); ++i) symbol_of_.emplace(path_.state(0)[i].id(), i);
  start_.add(encoding.parameters_have_values());
  start_.add(encoding.initial(path_.state(0)));
  begin_anew();
}

void Induction::begin_anew() {
  here_ = make_solver(encoding_);
  questions_here_ = 0;
  here_.add(encoding_.parameters_have_values());
  here_.add(encoding_.typed(path_.state(0)));
  for (Lemma& lemma : lemmas_) {
    lemma.is_told = lemma.alive;
    if (lemma.alive) here_.add(z3::implies(lemma.assumed, lemma.now));
  }
}

// Assumptions must be literals.
z3::expr Induction::literal_for(z3::solver& solver, const z3::expr& question) {
  const z3::expr literal =
      encoding_.context().bool_const(("question!" + std::to_string(questions_++)).c_str());
  solver.add(z3::implies(literal, question));
  return literal;
}

std::size_t Induction::add(const model::Expr& lemma) {
  const std::size_t added = add_idle(lemma);
  revive(added);
  return added;
}

std::size_t Induction::add_idle(const model::Expr& lemma) {
  const std::string number = std::to_string(lemmas_.size());
  z3::context& context = encoding_.context();
  lemmas_.push_back({lemma, encoding_.holds(path_.state(0), lemma),
                     context.bool_const(("assumed!" + number).c_str()), context.bool_val(false)});
  const Lemma& added = lemmas_.back();
  by_literal_.emplace(added.assumed.id(), lemmas_.size() - 1);
  return lemmas_.size() - 1;
}

void Induction::revive(std::size_t lemma) {
  lemmas_[lemma].alive = true;
  if (lemmas_[lemma].is_told) return;
  lemmas_[lemma].is_told = true;
  here_.add(z3::implies(lemmas_[lemma].assumed, lemmas_[lemma].now));
}

void Induction::revive_established(std::size_t lemma) {
  revive(lemma);
  lemmas_[lemma].is_established = lemmas_[lemma].holds_initially = true;
}

void Induction::drop(std::size_t lemma) {
  if (!lemmas_[lemma].alive) return;
  lemmas_[lemma].alive = false;
  for (Lemma& other : lemmas_)
    if (other.survives && std::ranges::count(other.core, lemma) > 0) other.survives = false;
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

const Symbols& Induction::after(std::size_t move) {
  std::optional<Symbols>& symbols = after_[move];
  if (!symbols) symbols = encoding_.after(path_.state(0), move, path_.effects(0)[move]);
  return *symbols;
}

z3::expr Induction::is_broken_by(const Lemma& lemma, std::size_t move) {
  const Terms& terms = encoding_.terms();
  const Effect& effect = path_.effects(0)[move];
  return terms.both(terms.both(effect.enabled, terms.negated(effect.error)),
                    terms.negated(encoding_.holds(after(move), lemma.said)));
}

// By symbol of the state: the move writes it.
const std::vector<bool>& Induction::written_by(std::size_t move) {
  std::vector<bool>& written = written_by_[move];
  if (!written.empty()) return written;
  const Symbols& before = path_.state(0);
  for (std::size_t i = 0; i < before.size(); ++i) written.push_back(!z3::eq(before[i], after(move)[i]));
  return written;
}

// A move that writes nothing that the lemma is about has nothing to do with it, nor has one after which the
// lemma says the same as before: equal terms are one.
void Induction::look_at_moves(Lemma& lemma) {
  if (lemma.moves) return;
  std::vector<std::size_t> moves;
  z3::expr_vector ways(encoding_.context());
  const std::vector<std::size_t> symbols = constants_in(lemma.now, symbol_of_);
  for (std::size_t m = 0; m < encoding_.moves().size(); ++m) {
    const std::vector<bool>& written = written_by(m);
    if (std::ranges::none_of(symbols, [&](std::size_t i) { return written[i]; })) continue;
    if (z3::eq(encoding_.holds(after(m), lemma.said), lemma.now)) continue;
    const z3::expr way = is_broken_by(lemma, m);
    if (way.is_false()) continue;
    moves.push_back(m);
    ways.push_back(way);
  }
  lemma.broken = z3::mk_or(ways);
  lemma.moves = std::move(moves);
}

// Yes: what was asked for does not exist.
Answer Induction::ask(z3::solver& solver, const z3::expr_vector& assumptions) {
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
  broken_.reset();
  counterexample_ =
      Counterexample{encoding_.parameters_in(*found_), encoding_.state_in(*found_, path_.state(0)), {}};
  return Answer::no;
}

Answer Induction::ask_here(const z3::expr& question) {
  if (++questions_here_ > most_questions) begin_anew();
  z3::expr_vector wanted = assumptions();
  wanted.push_back(literal_for(here_, question));
  return ask(here_, wanted);
}

Answer Induction::holds_initially(std::size_t i) {
  Lemma& lemma = lemmas_[i];
  if (lemma.holds_initially) return Answer::yes;
  z3::expr_vector wanted(encoding_.context());
  wanted.push_back(literal_for(start_, !lemma.now));
  const Answer answer = ask(start_, wanted);
  lemma.holds_initially = answer == Answer::yes;
  return answer;
}

Answer Induction::survives(std::size_t i) {
  if (lemmas_[i].survives || lemmas_[i].is_established) return Answer::yes;
  look_at_moves(lemmas_[i]);
  const bool alive = lemmas_[i].alive;
  const Answer answer = ask_here(alive ? lemmas_[i].broken : lemmas_[i].now && lemmas_[i].broken);
  if (answer == Answer::yes) {
    std::erase(core_, i);
    lemmas_[i].survives = true;
    lemmas_[i].core = core_;
  }
  if (answer != Answer::no) return answer;
  for (const std::size_t m : *lemmas_[i].moves) {
    if (!is_true(is_broken_by(lemmas_[i], m))) continue;
    broken_ = Broken{i, m};
    counterexample_->to = encoding_.state_in(*found_, after(m));
    return answer;
  }
  return Answer::unknown; // it was no counterexample
}

// The latest first: they are the ones that may not.
Answer Induction::survive() {
  for (std::size_t i = lemmas_.size(); i-- > 0;) {
    if (!lemmas_[i].alive) continue;
    const Answer answer = survives(i);
    if (answer != Answer::yes) return answer;
  }
  return Answer::yes;
}

Answer Induction::rule_out(const z3::expr& violation) {
  if (violation.is_false()) {
    core_.clear();
    return Answer::yes;
  }
  const bool still = violation_ && z3::eq(*violation_, violation) && ruled_out_by_ &&
                     std::ranges::all_of(*ruled_out_by_, [&](std::size_t i) { return lemmas_[i].alive; });
  if (still) {
    core_ = *ruled_out_by_;
    return Answer::yes;
  }
  violation_ = violation;
  ruled_out_by_.reset();
  const Answer answer = ask_here(violation);
  if (answer == Answer::yes) ruled_out_by_ = core_;
  return answer;
}

bool Induction::houdini() {
  const auto settled = [&](auto&& question) {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < lemmas_.size(); ++i) {
        if (!lemmas_[i].alive) continue;
        const Answer answer = question(i);
        if (answer == Answer::unknown) return false;
        if (answer == Answer::yes) continue;
        again = true;
        drop(i); // even if its being false shows only where a value is missing
        (void)drop_falsified_by_counterexample();
      }
    }
    return true;
  };
  if (settled([&](std::size_t i) { return holds_initially(i); }) &&
      settled([&](std::size_t i) { return survives(i); }))
    return true;
  for (Lemma& lemma : lemmas_) lemma.alive = false;
  return false;
}

std::vector<std::size_t> Induction::needed_for(const z3::expr& violation) {
  const std::vector<std::size_t> all = living();
  if (rule_out(violation) != Answer::yes) return all;
  const auto needed =
      closed_under_cores(core_, [&](std::size_t i) -> std::optional<std::vector<std::size_t>> {
        lemmas_[i].is_established = false; // what it takes an established one was not written down
        if (survives(i) != Answer::yes) return {};
        return lemmas_[i].core;
      });
  return needed.value_or(all);
}

// As a condition on the first state.
z3::expr Induction::what_went_wrong() {
  return broken_ ? is_broken_by(lemmas_[broken_->lemma], broken_->move) : *violation_;
}

std::vector<std::size_t> Induction::what_matters_of(const std::vector<Fact>& facts) {
  z3::expr_vector given = assumptions();
  given.push_back(literal_for(here_, !what_went_wrong()));
  std::vector<z3::expr> literals;
  for (const Fact& fact : facts)
    literals.push_back(literal_for(here_, encoding_.holds(path_.state(0), fact.said)));
  const auto matter = which_matter(
      facts.size(), [](std::size_t) { return 0; },
      [&](const std::vector<std::size_t>& some) {
        return enough_of(here_, deadline_, given, literals, some);
      });
  std::vector<std::size_t> all;
  for (std::size_t f = 0; f < facts.size(); ++f)
    if (!matter || (*matter)[f]) all.push_back(f);
  return all;
}

std::optional<std::vector<bool>> Induction::symbols_that_matter() {
  const Symbols& symbols = path_.state(0);
  z3::expr_vector given = assumptions();
  given.push_back(literal_for(here_, !what_went_wrong()));
  const auto is_as_found = [&](const z3::expr& what) {
    return literal_for(here_, what == found_->eval(what, true));
  };
  for (const z3::expr& parameter : encoding_.parameters()) given.push_back(is_as_found(parameter));
  std::vector<z3::expr> literals;
  for (const z3::expr& symbol : symbols) literals.push_back(is_as_found(symbol));
  // Numbers are the first to go: with a lemma that counts, they say in a roundabout way what a member is
  // like. What the move writes is the last.
  const model::Instance& instance = encoding_.instance();
  const auto rank = [&](std::size_t i) {
    if (i < instance.cells().size() && instance.sort(i).kind == model::SortKind::integer) return 0;
    return broken_ && written_by(broken_->move)[i] ? 2 : 1;
  };
  return which_matter(symbols.size(), rank, [&](const std::vector<std::size_t>& some) {
    return enough_of(here_, deadline_, given, literals, some);
  });
}

std::vector<std::size_t> Induction::false_in_counterexample(const std::vector<std::size_t>& lemmas) const {
  std::vector<std::size_t> all;
  for (const std::size_t lemma : lemmas)
    if (found_ && !is_true(lemmas_[lemma].now)) all.push_back(lemma);
  return all;
}

std::vector<std::size_t> Induction::drop_falsified_by_counterexample() {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; found_ && i < lemmas_.size(); ++i) {
    const z3::expr said = broken_ ? encoding_.holds(after(broken_->move), lemmas_[i].said) : lemmas_[i].now;
    if (is_true(said)) continue;
    drop(i);
    all.push_back(i);
  }
  return all;
}

} // namespace tdxcheck::prove
