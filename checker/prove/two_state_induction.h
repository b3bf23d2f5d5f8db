// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The same three questions as induction.h asks, where sets have no size: a lemma about all members is then a
// formula whose failing names members of its own, before a step and after it, so that the state after a move
// is not written in terms of the state before, but is a second symbolic state. One question asks all lemmas
// whether they survive together; the model that answers it says which do not. Private to prove/.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "prove/induction.h"

namespace tdxcheck::prove {

class TwoStateInduction {
public:
  TwoStateInduction(const Encoding& encoding, const Deadline& deadline);

  // Returns its number.
  std::size_t add(const model::Expr& lemma);
  void drop(std::size_t lemma) { lemmas_[lemma].alive = false; }
  // It should survive by these and itself, where they are alive: that is asked first, of a solver that knows
  // of nothing else.
  void expect_core(std::size_t lemma, std::vector<std::size_t> core) {
    lemmas_[lemma].expected = std::move(core);
  }
  [[nodiscard]] bool is_alive(std::size_t lemma) const { return lemmas_[lemma].alive; }
  [[nodiscard]] std::size_t size() const { return lemmas_.size(); }
  [[nodiscard]] const model::Expr& lemma(std::size_t i) const { return lemmas_[i].said; }
  [[nodiscard]] std::vector<std::size_t> living() const; // their numbers

  // Drops what does not hold initially, then what does not survive. False if it ran out of time: then what
  // is left is not known to be inductive, and is dropped, too.
  bool houdini();
  [[nodiscard]] Answer holds_initially(std::size_t lemma);
  // Does it survive a step that starts where all that are alive hold?
  [[nodiscard]] Answer survives(std::size_t lemma);
  // Is no violation possible where all of them hold?
  [[nodiscard]] Answer rule_out(const z3::expr& violation);
  // Of the last answer that was no; nothing where there was none.
  [[nodiscard]] const Counterexample* counterexample() const {
    return counterexample_ ? &*counterexample_ : nullptr;
  }
  // As Induction has it.
  [[nodiscard]] std::optional<std::vector<bool>> symbols_that_matter();
  // Lemmas that survive together and rule the violation out: those that unsatisfiable cores name. Everything
  // if the solver gives no cores in time.
  [[nodiscard]] std::vector<std::size_t> needed_for(const z3::expr& violation);
  // After that: by which of them each survives, itself aside, and by which the violation is ruled out.
  // Nothing where that is not known.
  [[nodiscard]] std::optional<std::vector<std::size_t>> core_of_needed(std::size_t lemma) const {
    return lemmas_[lemma].core;
  }
  [[nodiscard]] std::optional<std::vector<std::size_t>> core_of_violation() const { return ruled_out_by_; }

  [[nodiscard]] bool is_out_of_time() const { return deadline_.is_over(); }
  [[nodiscard]] const Unrolling& path() const { return pair_; } // of two states

private:
  struct Lemma {
    model::Expr said;
    z3::expr now, broken_now, broken_next; // that it holds in the state; that it does not; nor after a step
    z3::expr assumed, broken;              // the literals that stand for `now`, and for `broken_next`
    bool alive = true;
    std::optional<std::vector<std::size_t>> expected = {}; // its core
    bool is_as_expected = false;                           // it survives by that
    std::optional<std::vector<std::size_t>> core = {};     // by this
    std::optional<z3::expr> some_move = {};                // that writes what the lemma is about
    std::optional<z3::expr> moves = {};                    // the literal for that
  };

  [[nodiscard]] const z3::expr& moves_of(Lemma& lemma);
  [[nodiscard]] bool survives_as_expected(std::size_t lemma);
  // Do all that are alive survive together?
  [[nodiscard]] Answer survive();
  // What the last counterexample of start_ or step_ falsifies; false if that is nothing.
  bool drop_false();
  [[nodiscard]] z3::expr_vector assumptions() const;
  [[nodiscard]] std::optional<std::vector<std::size_t>> core_of(z3::solver& solver, const z3::expr& question);
  [[nodiscard]] z3::check_result check_again_if_wrong(z3::solver& solver, const z3::expr_vector& assumptions);
  [[nodiscard]] Answer ask(z3::solver& solver, const z3::expr_vector& assumptions, bool two_states);
  [[nodiscard]] z3::expr named(z3::solver& solver, const z3::expr& question);

  const Encoding& encoding_;
  const Deadline& deadline_;
  Unrolling pair_;
  z3::solver start_, here_, step_;
  z3::expr any_step_; // from any state
  std::vector<Lemma> lemmas_;
  std::optional<Counterexample> counterexample_;
  std::optional<z3::model> found_;
  std::optional<std::size_t> broken_; // by the last counterexample; nothing: the violation
  std::optional<z3::expr> violation_;
  std::optional<std::vector<std::size_t>> ruled_out_by_;
  std::unordered_map<unsigned, std::size_t> symbol_of_; // by the number that Z3 gives its constant
  std::size_t questions_ = 0;
};

} // namespace tdxcheck::prove
