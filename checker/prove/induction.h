// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas about single states, and the three questions that induction asks of them: does each hold initially,
// does it survive every step from where all of them hold, do they rule a violation out. Private to prove/.
//
// There is one symbolic state. What a lemma says after a move is said of the state before it, by what the
// move writes (a weakest precondition): a lemma has to do with few moves, and the question whether it
// survives is short. An answer stays right as long as the lemmas of its unsatisfiable core are there, so that
// most questions are asked once.
//
// Houdini (Flanagan and Leino 2001) is the greatest part of a set of lemmas that survives both of the first
// two: whatever a counterexample falsifies is dropped, until there is none.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "prove/claim.h"
#include "prove/deadline.h"
#include "prove/encoding.h"
#include "prove/unrolling.h"

namespace tdxcheck::prove {

enum class Answer { yes, no, unknown };

struct Counterexample {
  std::vector<model::Value> parameters;
  State from;
  std::optional<State> to; // nothing: `from` alone shows it
};

// Z3's incremental SAT solver where all there is are bits.
[[nodiscard]] z3::solver make_solver(const Encoding& encoding);

// Lemmas that the first ones rest on, and these: `core_of` names those that one survives by. Nothing where it
// does not know.
using CoreOf = std::function<std::optional<std::vector<std::size_t>>(std::size_t)>;
[[nodiscard]] std::optional<std::vector<std::size_t>> closed_under_cores(std::vector<std::size_t> first,
                                                                         const CoreOf& core_of);

// Of the symbols of a state, those that make it a counterexample: `enough` names some of the given ones that
// do, or nothing if they do not. What has the lowest rank (0, 1, 2) is the first to be found of no account.
using Core = std::optional<std::vector<std::size_t>>;
[[nodiscard]] std::optional<std::vector<bool>>
which_matter(std::size_t symbols, const std::function<int(std::size_t)>& rank,
             const std::function<Core(const std::vector<std::size_t>&)>& enough);
// Of these literals, by their places: enough, with what is given, for the solver to have no answer.
[[nodiscard]] Core enough_of(z3::solver& solver, const Deadline& deadline, const z3::expr_vector& given,
                             const std::vector<z3::expr>& literals, const std::vector<std::size_t>& some);
// Constants in a formula, by `number` of what Z3 numbers them.
[[nodiscard]] std::vector<std::size_t> constants_in(const z3::expr& formula,
                                                    const std::unordered_map<unsigned, std::size_t>& number);

// Something that is true of a state.
struct Fact {
  std::size_t aspect;
  model::Expr said;
};

class Induction {
public:
  Induction(const Encoding& encoding, const Deadline& deadline);

  // Returns its number. `idle`: it is not one of those that are alive.
  std::size_t add(const model::Expr& lemma);
  std::size_t add_idle(const model::Expr& lemma);
  void drop(std::size_t lemma);
  void revive(std::size_t lemma);
  // It is known to hold initially, and to survive with the others of which that is said, none of which is
  // dropped.
  void revive_established(std::size_t lemma);
  [[nodiscard]] bool is_alive(std::size_t lemma) const { return lemmas_[lemma].alive; }
  [[nodiscard]] std::size_t size() const { return lemmas_.size(); }
  [[nodiscard]] const model::Expr& lemma(std::size_t i) const { return lemmas_[i].said; }
  [[nodiscard]] std::vector<std::size_t> living() const; // their numbers

  // Drops what does not hold initially, then what does not survive. False if it ran out of time: then what
  // is left is not known to be inductive, and is dropped, too.
  bool houdini();
  [[nodiscard]] Answer holds_initially(std::size_t lemma);
  // Do all that are alive survive a step that starts where all that are alive hold?
  [[nodiscard]] Answer survive();
  // Does this one, from where it holds, too?
  [[nodiscard]] Answer survives(std::size_t lemma);
  // Is no violation possible where all of them hold?
  [[nodiscard]] Answer rule_out(const z3::expr& violation);
  // Lemmas by which this one, with itself, survives; nothing where that is not known.
  [[nodiscard]] std::optional<std::vector<std::size_t>> known_core(std::size_t lemma) const {
    return lemmas_[lemma].survives ? std::optional(lemmas_[lemma].core) : std::nullopt;
  }
  // Of the last answer that was no; nothing where there was none.
  [[nodiscard]] const Counterexample* counterexample() const {
    return counterexample_ ? &*counterexample_ : nullptr;
  }
  // Of facts that are true of the last counterexample's first state, the places of those that make it one:
  // from every state of which they are true, and in which all that are alive hold, the same move breaks the
  // same lemma, or the same violation is there (lifting: Chockler, Ivrii, Matsliah, Moran, Nevo 2011). The
  // first facts are the first to be found of no account.
  [[nodiscard]] std::vector<std::size_t> what_matters_of(const std::vector<Fact>& facts);
  // The same for what the state's symbols are: for each, whether it is of account. Nothing if that was not
  // found out.
  [[nodiscard]] std::optional<std::vector<bool>> symbols_that_matter();
  // Of these lemmas: those that the last counterexample's first state does not satisfy.
  [[nodiscard]] std::vector<std::size_t>
  false_in_counterexample(const std::vector<std::size_t>& lemmas) const;
  // Drops, alive or not, what the last state of the last counterexample does not satisfy.
  std::vector<std::size_t> drop_falsified_by_counterexample();
  // Lemmas that survive together and rule the violation out: those that unsatisfiable cores name. Everything
  // if the solver gives no cores in time.
  [[nodiscard]] std::vector<std::size_t> needed_for(const z3::expr& violation);

  [[nodiscard]] bool is_out_of_time() const { return deadline_.is_over(); }
  [[nodiscard]] const Unrolling& path() const { return path_; } // of one state

private:
  struct Lemma {
    model::Expr said;
    z3::expr now;
    z3::expr assumed; // the literal for `now`
    z3::expr broken;  // by some move; once its moves were looked at
    bool alive = false, is_told = false, holds_initially = false, survives = false, is_established = false;
    std::vector<std::size_t> core = {};                 // survives: if these are alive
    std::optional<std::vector<std::size_t>> moves = {}; // that have to do with it; nothing: not looked at yet
  };
  struct Broken { // what the last counterexample breaks
    std::size_t lemma, move;
  };

  [[nodiscard]] z3::expr_vector assumptions() const;
  [[nodiscard]] Answer ask(z3::solver& solver, const z3::expr_vector& assumptions);
  [[nodiscard]] Answer ask_here(const z3::expr& question);
  [[nodiscard]] z3::expr literal_for(z3::solver& solver, const z3::expr& question);
  void begin_anew();
  [[nodiscard]] const Symbols& after(std::size_t move);
  [[nodiscard]] const std::vector<bool>& written_by(std::size_t move);
  [[nodiscard]] z3::expr is_broken_by(const Lemma& lemma, std::size_t move);
  void look_at_moves(Lemma& lemma);
  [[nodiscard]] z3::expr what_went_wrong();
  [[nodiscard]] bool is_true(const z3::expr& e) const { return found_->eval(e, true).is_true(); }

  const Encoding& encoding_;
  const Deadline& deadline_;
  Unrolling path_;
  z3::solver start_, here_;
  std::vector<Lemma> lemmas_;
  std::vector<std::optional<Symbols>> after_;           // by move
  std::vector<std::vector<bool>> written_by_;           // by move; empty: not looked at yet
  std::unordered_map<unsigned, std::size_t> symbol_of_; // by the number that Z3 gives its constant
  std::optional<Counterexample> counterexample_;
  std::optional<Broken> broken_; // nothing: the violation that was asked for last
  std::optional<z3::expr> violation_;
  std::optional<std::vector<std::size_t>> ruled_out_by_; // the violation; if these are alive
  std::optional<z3::model> found_;
  std::vector<std::size_t> core_; // of the last answer that was yes
  std::size_t questions_ = 0, questions_here_ = 0;
  std::map<unsigned, std::size_t> by_literal_; // lemmas, by the number that Z3 gives `assumed`
};

} // namespace tdxcheck::prove
