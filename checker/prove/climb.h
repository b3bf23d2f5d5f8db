// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Towards the least fixpoint in the scopes (scopes.h), without a question to the solver: a state of which
// every narrow scope has seen its part, and of which all lemmas are true that are not about scopes, looks
// reachable, and then so do the states that moves lead to from there. Such states are put together from parts
// of two that look reachable (cross_over.h). Where walks from them lead to something new, that is gone on
// with, as in fuzzing.
//
// Chance finds most of the fixpoint in what the solver takes for some questions; what is rare, the solver has
// to find, and then what is near it is found here. Nothing rests on it: what is not found makes for lemmas
// that are dropped later. Private to prove/.

#include <optional>
#include <random>
#include <vector>

#include "prove/cross_over.h"
#include "prove/seen_views.h"

namespace tdxcheck::prove {

class Climb {
public:
  // `lemmas`: closed expressions. Those that some reached state does not satisfy are left out. Refers to all
  // of its arguments but these.
  Climb(SeenViews& seen, const Problem& problem, const std::vector<SizedStates>& sized,
        const std::vector<model::Expr>& lemmas, const Deadline& deadline);

  // From what was reached in the largest instance, for a part of the time.
  void from_reached();

  // Whether the counterexample's first state does; nothing: it is not of an instance that was looked at.
  [[nodiscard]] std::optional<bool> looks_reachable(const Counterexample& found) const;
  // Takes it that the counterexample's last state does. What is new there, and near: where the same move
  // leads to from states that are like its first, as far as that matters.
  [[nodiscard]] std::vector<SeenViews::News> near(const Counterexample& found,
                                                  const std::vector<bool>& matter);

private:
  struct Small { // an instance
    const SizedStates* sized;
    model::Instance instance;
    std::vector<model::Value> sizes; // of open sets
    CrossOver cross_over;
    // In the problem's instance, by that of this one; nothing: that has no names for all members.
    struct Places {
      std::vector<std::size_t> cells, threads;
    };
    std::optional<Places> places = {};
    std::vector<Condition> lemmas = {};
    std::vector<State> states = {}; // that look reachable
  };
  using AllNews = std::vector<SeenViews::News>;

  void add(const SizedStates& sized, const std::vector<model::Expr>& lemmas);
  [[nodiscard]] std::optional<Small::Places> places_of(const Small& small) const;
  [[nodiscard]] std::optional<std::size_t> small_of(const Counterexample& found) const;
  [[nodiscard]] static State state_in(const Small::Places& places, const State& state);
  [[nodiscard]] bool looks_reachable(const Small& small, const State& state) const;
  void keep(Small& small, const State& state);
  // From this one, if it looks reachable; collects states where something was new.
  void walk(Small& small, const State& from, std::vector<State>& fresh, AllNews& news);
  // From these and whatever is new on the way.
  void go_on(Small& small, std::vector<State> fresh, std::size_t tries, double until, AllNews& news);
  [[nodiscard]] State crossed(const Small& small, const State& of);

  SeenViews& seen_;
  const Deadline& deadline_;
  model::Instance names_; // of the problem
  std::vector<Small> small_;
  std::mt19937 random_;
};

} // namespace tdxcheck::prove
