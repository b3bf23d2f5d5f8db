// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas that are found because they are missing. Where the lemmas so far do not rule a violation out, or do
// not survive a step, there is a counterexample to induction: a state from which it goes wrong. If no state
// that was ever seen looks like it, a clause is learnt that excludes it and, as far as seen states allow,
// much more: the fewest of its atoms that no seen state has together. If it looks like one that was seen,
// then what it leads to is reachable: the violation is real, or the lemma that fails was wrong and goes.
//
// IC3 (Bradley 2011) blocks such states one by one and generalises by asking the solver; here seen states
// generalise, as in learning from examples and implications (ICE, Garg, Loeding, Madhusudan, Neider 2014).
// Nothing rests on what was seen: in the end the solver has confirmed that the lemmas hold initially,
// survive, and rule the violation out.

#include <vector>

#include "prove/features.h"
#include "prove/induction.h"

namespace tdxcheck::prove {

class ClauseLearner {
public:
  ClauseLearner(const Features& features, const SeenStates* seen);

  enum class Result { proved, reachable, no_clause, out_of_time };
  // Adds lemmas until they rule the violation out and survive. `reachable`: the state of the induction's last
  // counterexample looks like one that was seen. `no_clause`: no clause tells it from the states that were
  // seen.
  [[nodiscard]] Result learn(Induction& induction, const z3::expr& violation);
  [[nodiscard]] std::size_t learnt() const { return learnt_; }

private:
  using Bits = std::vector<std::uint64_t>; // by sample
  struct Literal {
    std::size_t feature;
    bool positive;
  };

  void remember(const Sample& sample);
  [[nodiscard]] bool is_seen(const Sample& sample) const;
  // Literals of the state that no seen state has together; nothing if some seen state has them all.
  [[nodiscard]] std::optional<std::vector<Literal>> separate(const Sample& sample) const;
  [[nodiscard]] model::Expr clause(const std::vector<Literal>& cube) const;
  // A lemma that excludes the state, and holds initially.
  [[nodiscard]] bool block(Induction& induction, const Sample& sample);
  void drop_falsified(Induction& induction, const Sample& reached);

  const Features& features_;
  [[nodiscard]] std::vector<Literal> literals_of(const Sample& sample) const;
  [[nodiscard]] std::uint64_t matching(const Literal& literal, std::size_t w) const;

  SeenStates samples_;
  std::vector<Bits> having_; // by feature
  struct Learnt {
    std::size_t lemma;
    std::vector<Literal> cube;
  };
  std::vector<Learnt> clauses_;
  std::size_t learnt_ = 0;
};

} // namespace tdxcheck::prove
