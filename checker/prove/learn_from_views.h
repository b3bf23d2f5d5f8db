// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas for members of open sets, learnt from counterexamples to induction as in learn_clauses.h, but from
// views (views.h): what one member sees in the counterexample, or two, and no one or two members were ever
// seen to see in small instances, is excluded for all members of any instance. Each atom of it is then
// widened to all of its rivals that were not seen either (`at a or b or c` for `at a`), so that some hundred
// lemmas do where single atoms took thousands.
//
// A lemma speaks of a narrow scope (scopes.h), and of nothing but what makes the counterexample one. Where
// every narrow scope has seen its part of a state, the lemma that fails there cannot be had: what the
// counterexample leads to counts as seen, too, with whatever is found near it (climb.h), and all lemmas go
// that this contradicts. So learning climbs to the least fixpoint in the scopes, and ends. What is claimed,
// and place invariants, may have lemmas about wider scopes, or about all that one or two see; those go by
// likeness alone.
//
// Lemmas are asked about one by one: which of them survives does not change when there are more, so each is
// proved once, and a question about one is answered ten times as fast as one about all. Nothing rests on what
// was seen. Private to prove/.

#include <vector>

#include "prove/climb.h"
#include "prove/seen_views.h"
#include "prove/two_state_induction.h" // and induction.h

namespace tdxcheck::prove {

class ViewLearner {
public:
  // Adds regions to the problem's model; refers to it. `lemmas`: closed expressions, which are taken to be
  // true of what looks reachable, as far as they are of what was reached.
  ViewLearner(Problem& problem, const std::vector<SizedStates>& sized, const std::vector<model::Expr>& lemmas,
              const Deadline& deadline)
      : seen_(problem, sized, deadline), climb_(seen_, problem, sized, lemmas, deadline) {
    climb_.from_reached();
  }

  enum class Result { proved, no_clause, out_of_time };
  // Drops the lemmas that do not hold initially; adds others until all of them rule the violation out and
  // survive. `no_clause`: the state of the induction's last
  // counterexample cannot be told from what was seen. `Questions`: Induction, or TwoStateInduction.
  template <class Questions>
  [[nodiscard]] Result learn(Questions& induction, const z3::expr& violation);
  [[nodiscard]] std::size_t learnt() const { return learnt_; }

private:
  struct Lemma {                                  // of the induction, by its number there
    std::optional<SeenViews::Clause> clause = {}; // if it was learnt
    unsigned depth = 0; // so many lemmas on the way to it speak of what does not matter
  };

  enum class Block { added, dropped, none };
  // For the last counterexample, which breaks this lemma; nothing: the violation.
  template <class Questions>
  [[nodiscard]] Block block(Questions& induction, std::optional<std::size_t> broken);
  template <class Questions>
  void drop_contradicted(Questions& induction, const std::vector<SeenViews::News>& news);

  SeenViews seen_;
  Climb climb_;
  std::vector<Lemma> lemmas_;
  std::size_t learnt_ = 0;
};

} // namespace tdxcheck::prove
