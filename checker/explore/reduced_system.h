// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is left of a transition system when stubborn sets are explored instead of all moves.
//
// Chains: a state in which one quiet move is all that is explored need not be stored; what that move leads to
// stands in its place, and so on. Quiet is a move of which nobody wants to know the state before: no watch
// looks there, no named guard is at stake, no assertion fails. Such a chain ends, because each cycle does.
//
// Tests: stubborn_sets_test.cpp.

#include <functional>
#include <memory>
#include <vector>

#include "explore/by_move.h"
#include "explore/stubborn_sets.h"

namespace tdxcheck::explore {

class ReducedSystem : public TransitionSystem, private SuccessorSink {
public:
  // `system` must outlive this, and is its own. `moves`: of which it is the system.
  ReducedSystem(TransitionSystem& system, const InterpretedSystem& moves,
                std::shared_ptr<const StubbornSets> sets, bool with_chains)
      : system_(system), sets_(std::move(sets)), with_chains_(with_chains), passed_(moves, 0) {}

  [[nodiscard]] std::size_t words() const override { return system_.words(); }
  [[nodiscard]] std::size_t bits() const override { return system_.bits(); }
  void initial(SuccessorSink& sink) override { system_.initial(sink); }
  // A successor at the end of a chain comes with the first move of the chain.
  void successors(StateView state, SuccessorSink& sink) override;

  // Moves that were made inside chains so far.
  [[nodiscard]] const MoveSet& passed() const { return passed_; }
  // The moves that lead from the state to a successor that is wanted; empty if none is.
  [[nodiscard]] std::vector<Move> way(StateView from, const std::function<bool(StateView)>& is_it);
  // Threads, a bit each, that move inside chains from there.
  [[nodiscard]] std::uint64_t passing_from(StateView state);

private:
  struct Successor {
    Move move;
    std::uint8_t flags;
  };
  void take(StateView next, Move move, std::uint8_t flags) override;
  static constexpr std::uint64_t everyone = ~std::uint64_t{0};
  void begin();
  void expand_one(StateView state);
  // Goes on from `state` along a chain; false if it is none. The state becomes what follows, `last` its move.
  bool pass(std::vector<Word>& state, Move& last);
  [[nodiscard]] StateView successor(std::size_t i) const {
    return {words_of_all_.data() + i * words(), words()};
  }

  TransitionSystem& system_;
  std::shared_ptr<const StubbornSets> sets_;
  bool with_chains_;
  MoveSet passed_;
  std::vector<Successor> all_;
  std::vector<Word> words_of_all_;
  // Of the state that is expanded.
  std::vector<Successor> kept_;
  std::vector<Word> words_of_kept_, end_of_chain_;
};

} // namespace tdxcheck::explore
