// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas for members of open sets, learnt from counterexamples to induction as in learn_clauses.h, but from
// views (views.h): what one member sees in the counterexample, or two, and no one or two members were ever
// seen to see in small instances, is excluded for all members of any instance. Each atom of it is then
// widened to all of its rivals that were not seen either (`at a or b or c` for `at a`), so that some hundred
// lemmas do where single atoms took thousands. A counterexample all of whose views were seen may be
// reachable: then what it leads to counts as seen, too, and the lemma that does not hold there goes.
//
// Lemmas are asked about one by one: which of them survives does not change when there are more, so each is
// proved once, and a question about one is answered ten times as fast as one about all. Nothing rests on what
// was seen. Private to prove/.

#include <unordered_set>
#include <vector>

#include "prove/sized_states.h"
#include "prove/two_state_induction.h" // and induction.h
#include "prove/views.h"

namespace tdxcheck::prove {

class ViewLearner {
public:
  // Adds regions to the problem's model; refers to it.
  ViewLearner(Problem& problem, const std::vector<SizedStates>& seen, const Deadline& deadline);

  enum class Result { proved, no_clause, out_of_time };
  // Drops the lemmas that do not hold initially; adds others until all of them rule the violation out and
  // survive. `no_clause`: the state of the induction's last
  // counterexample cannot be told from what was seen. `Questions`: Induction, or TwoStateInduction.
  template <class Questions>
  [[nodiscard]] Result learn(Questions& induction, const z3::expr& violation);
  [[nodiscard]] std::size_t learnt() const { return learnt_; }

private:
  struct Family {
    Views views;
    SeenAtoms seen;
    std::unordered_set<std::uint64_t> known = {}; // hashes of views; one that is lost does no harm
  };

  void add_family(std::vector<model::Value> viewers);
  void remember(const model::Instance& instance, const State& state,
                const std::vector<model::Value>& parameters, const std::vector<model::Value>& sizes);
  [[nodiscard]] std::vector<model::Value> sizes_for(const std::vector<model::Value>& parameters) const;
  [[nodiscard]] std::optional<model::Expr> clause_against(const Counterexample& found) const;
  template <class Questions>
  [[nodiscard]] bool block(Questions& induction);

  Problem& problem_;
  model::Instance names_;
  std::vector<Family> families_; // the smaller ones first
  std::size_t learnt_ = 0;
  std::size_t room_ = 0; // so many views may a family have
};

} // namespace tdxcheck::prove
