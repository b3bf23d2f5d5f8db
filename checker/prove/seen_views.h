// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What members of open sets were seen to see in small instances (views.h), and clauses that exclude what was
// not: first in a narrow scope (scopes.h), if need be in all that one or two see. Private to prove/.
//
// Small instances that are too large to be searched are walked through, from states in which some scope saw
// something new, until hardly any does: what a walk covers tells where to walk next, as in fuzzing. A few
// seconds of that find what a search that is cut off after millions of states does not.

#include <optional>
#include <unordered_set>
#include <vector>

#include "prove/induction.h"
#include "prove/scopes.h"
#include "prove/sized_states.h"

namespace tdxcheck::prove {

class SeenViews {
public:
  // Adds regions to the problem's model; refers to it.
  SeenViews(Problem& problem, const std::vector<SizedStates>& sized, const Deadline& deadline);

  // For all members: not all that the cube says. Of the views of this family.
  struct Clause {
    model::Expr said;
    std::vector<AnyAtom> cube;
    std::size_t family;
    Breadth breadth;
  };
  // Excludes the state, and no view that was seen. Of the smallest breadth that has one, and the shortest
  // there. With `matter`, by symbol of the state: it speaks only of these.
  enum class Among { narrow, scopes, views };
  [[nodiscard]] std::optional<Clause> clause_against(const Counterexample& found, Among most,
                                                     const std::vector<bool>* matter) const;

  // Something that was not seen before: of a view, or of that part of it that is in the scope.
  struct News {
    std::size_t family;
    std::vector<std::size_t> atoms;
    const Scope* scope; // nullptr: a whole view
  };
  [[nodiscard]] static bool contradicts(const News& news, const Clause& clause);

  // In narrow scopes there is so little to see that all of it can be: one member's view of a thread, what two
  // threads are at, and whatever else is not much. What they cannot tell from what was seen, no lemma about
  // them can (climb.h).
  [[nodiscard]] bool is_narrow(std::size_t family, Breadth breadth) const;
  // Some narrow scope has not seen its part of the state.
  [[nodiscard]] bool is_new(const model::Instance& instance, const State& state,
                            const std::vector<model::Value>& parameters,
                            const std::vector<model::Value>& sizes) const;
  // Narrow scopes see it now; adds what is new.
  void add_parts(const model::Instance& instance, const State& state,
                 const std::vector<model::Value>& parameters, const std::vector<model::Value>& sizes,
                 std::vector<News>& news);
  // Of open sets.
  [[nodiscard]] std::vector<model::Value> sizes_for(const std::vector<model::Value>& parameters) const;

  // Takes it that the counterexample's last state is reachable.
  [[nodiscard]] std::vector<News> reached(const Counterexample& found);
  // Takes it that whatever was seen and is like the counterexample's first state, as far as that matters, is
  // followed by what the move makes of it; in scopes that hold all that the clause, which it breaks, is
  // about.
  [[nodiscard]] std::vector<News> reached_from_alike(const Counterexample& found, const Clause& broken,
                                                     const std::vector<bool>& matter);

private:
  struct Family {
    Views views;
    SeenAtoms seen;
    std::unordered_set<std::uint64_t> known = {}; // hashes of views; one that is lost does no harm
    std::vector<std::vector<Scope>> scopes = {};  // by breadth
    std::vector<bool> is_narrow = {};             // by breadth
  };

  void add_family(std::vector<model::Value> viewers);
  void read(const std::vector<SizedStates>& sized, const Deadline& deadline);
  void walk_further(const SizedStates& sized, const Deadline& deadline);
  void find_narrow();
  // Calls `is_new` where some scope saw something new.
  template <class F>
  void remember(const model::Instance& instance, const State& state,
                const std::vector<model::Value>& parameters, const std::vector<model::Value>& sizes,
                F&& is_new);
  template <class F>
  void each_choice(const Family& family, const model::Instance& instance,
                   const std::vector<model::Value>& sizes, F&& f) const;
  [[nodiscard]] std::optional<std::vector<AnyAtom>> cube_against(const Family& family, Breadth breadth,
                                                                 const Counterexample& found,
                                                                 const std::vector<bool>* matter) const;
  [[nodiscard]] std::vector<std::vector<std::size_t>> broken_symbols(const Counterexample& found,
                                                                     const Clause& broken) const;

  Problem& problem_;
  model::Instance names_;
  std::vector<Family> families_; // the smaller ones first
  std::size_t room_ = 0;         // so many views may a family have
};

} // namespace tdxcheck::prove
