// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Lemmas that are found because they are missing. Where the lemmas so far do not rule a violation out, or do
// not survive a step, there is a counterexample to induction: a state from which it goes wrong. If no state
// that was ever seen looks like it, a lemma is taken that excludes it: of those that are known but were not
// needed yet, or a new one that excludes as much more as seen states allow (separate.h). If it looks like one
// that was seen, then what it leads to is reachable: the violation is real, or the lemma that fails was wrong
// and goes. Thousands of lemmas may be known; only what is taken has to survive.
//
// IC3 (Bradley 2011) blocks such states one by one and generalises by asking the solver; here seen states
// generalise, as in learning from examples and implications (ICE, Garg, Loeding, Madhusudan, Neider 2014),
// and the solver is asked which of several lemmas survives with those that are taken already: that one needs
// no others. Nothing rests on what was seen: in the end the solver has confirmed that the lemmas hold
// initially, survive, and rule the violation out.

#include <vector>

#include "prove/groundwork.h"
#include "prove/induction.h"

namespace tdxcheck::prove {

class ClauseLearner {
public:
  // Lemmas that the induction has are taken if they are alive, and known otherwise. What turns out to be
  // reachable is remembered in the groundwork.
  ClauseLearner(Groundwork& groundwork, Induction& induction);

  // This lemma of the induction, whether alive or not, is a pair of the groundwork.
  void is_pair(std::size_t lemma, std::size_t pair);

  enum class Result { proved, reachable, no_clause, out_of_time };
  // Takes lemmas until they rule the violation out and survive. `reachable`: the state of the induction's
  // last counterexample looks like one that was seen. `no_clause`: no lemma tells it from the states that
  // were seen.
  [[nodiscard]] Result learn(const z3::expr& violation);
  [[nodiscard]] std::size_t excluded() const { return excluded_; }
  [[nodiscard]] bool was_learnt(std::size_t lemma) const;

private:
  struct Known {
    Box box;
    bool learnt;
    std::optional<std::size_t> lemma = {}; // of the induction, once it was tried
  };
  enum class Block { taken, none, out_of_time };

  // Takes a lemma that excludes the state, which is that of the last counterexample.
  [[nodiscard]] Block block(const Sample& sample);
  [[nodiscard]] std::vector<std::size_t> aspects_that_matter(const Sample& sample);
  // Lemmas about these aspects.
  [[nodiscard]] std::vector<std::size_t> excluding(const Sample& sample,
                                                   const std::vector<std::size_t>& aspects);
  void drop_falsified(const Sample& reached);

  Groundwork& groundwork_;
  Induction& induction_;
  std::vector<Known> known_;
  std::vector<std::size_t> spare_; // lemmas of the induction that are no boxes, and not taken
  std::size_t excluded_ = 0;
};

} // namespace tdxcheck::prove
