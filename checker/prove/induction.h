// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas about single states, and the three questions that induction asks of them: does each hold initially,
// do they survive a step together, do they rule a violation out. Private to prove/.
//
// Houdini (Flanagan and Leino 2001) is the greatest part of a set of lemmas that survives both of the first
// two: whatever a counterexample falsifies is dropped, until there is none.

#include <functional>
#include <map>
#include <optional>
#include <string>
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

class Induction {
public:
  Induction(const Encoding& encoding, const Deadline& deadline);

  // Returns its number. `idle`: it is not one of those that are alive.
  std::size_t add(const model::Expr& lemma);
  std::size_t add_idle(const model::Expr& lemma);
  void drop(std::size_t lemma) { lemmas_[lemma].alive = false; }
  void revive(std::size_t lemma) { lemmas_[lemma].alive = true; }
  [[nodiscard]] bool is_alive(std::size_t lemma) const { return lemmas_[lemma].alive; }
  [[nodiscard]] std::size_t size() const { return lemmas_.size(); }
  [[nodiscard]] const model::Expr& lemma(std::size_t i) const { return lemmas_[i].said; }
  [[nodiscard]] std::vector<model::Expr> alive() const;
  [[nodiscard]] std::vector<std::size_t> living() const; // their numbers

  // Drops what does not hold initially, then what does not survive. False if it ran out of time: then what
  // is left is not known to be inductive, and is dropped, too.
  bool houdini();
  // Of one lemma, or (none) of all together: does it hold initially?
  [[nodiscard]] Answer holds_initially(std::size_t lemma);
  // Do all that are alive (these ones) survive a step that starts where all that are alive hold?
  [[nodiscard]] Answer survive();
  [[nodiscard]] Answer survive(const std::vector<std::size_t>& which);
  // Does this one, from where it holds, too?
  [[nodiscard]] Answer survives_with_the_others(std::size_t lemma);
  // Is no violation possible where all of them hold?
  [[nodiscard]] Answer rule_out(const z3::expr& violation);
  // Of the last answer that was no; nothing where there was none.
  [[nodiscard]] const Counterexample* counterexample() const {
    return counterexample_ ? &*counterexample_ : nullptr;
  }
  // Of the last answer of `survive` or `rule_out` that was yes: lemmas that it takes.
  [[nodiscard]] const std::vector<std::size_t>& core() const { return core_; }
  // Of these lemmas: those that the last counterexample's first state does not satisfy.
  [[nodiscard]] std::vector<std::size_t> false_in_counterexample(const std::vector<std::size_t>& lemmas) const;
  // Drops, alive or not, what the last state of the last counterexample does not satisfy.
  std::vector<std::size_t> drop_falsified_by_counterexample();
  // Lemmas that survive together and rule the violation out: those that unsatisfiable cores name. Everything
  // if the solver gives no cores in time.
  [[nodiscard]] std::vector<std::size_t> needed_for(const z3::expr& violation);

  [[nodiscard]] const Symbols& state() const { return pair_.state(0); }
  [[nodiscard]] Unrolling& pair() { return pair_; }

private:
  struct Lemma {
    model::Expr said;
    z3::expr now, next;       // in the state, and in the one after it
    z3::expr assumed, broken; // the literals that stand for `now`, and for not `next`
    z3::expr some_broken;     // it is, or one before it
    bool alive = true;
  };

  [[nodiscard]] z3::expr_vector assumptions() const;
  void want_some_broken(z3::expr_vector& wanted) const;
  [[nodiscard]] Answer ask(z3::solver& solver, const z3::expr_vector& assumptions, bool two_states);
  [[nodiscard]] z3::expr named(z3::solver& solver, const z3::expr& question);

  const Encoding& encoding_;
  const Deadline& deadline_;
  Unrolling pair_;
  z3::solver start_, here_, step_;
  std::vector<Lemma> lemmas_;
  std::optional<Counterexample> counterexample_;
  std::optional<z3::model> found_;
  std::vector<std::size_t> core_;
  std::map<unsigned, std::size_t> by_literal_; // lemmas, by the number that Z3 gives `assumed`
  struct Named {
    z3::expr question; // kept, so that its number is
    z3::expr literal;
  };
  std::map<std::pair<const z3::solver*, unsigned>, Named> named_;
};

} // namespace tdxcheck::prove
