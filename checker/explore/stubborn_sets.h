// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Partial-order reduction: in a state in which what one thread does next has nothing to do with anything that
// the others may do before it moves, the moves of that thread alone are explored (dependence.h). They are a
// stubborn set (Valmari), persistent (Godefroid), made of all moves of one thread at its label, one of them
// enabled. What is judged must not see these moves, or it would see too few states between them.
//
// No move is put off for ever: each cycle of a thread's control flow passes a label at which the thread is
// never explored alone, so each cycle of the reduced graph has a state in which all moves are explored. That
// is known before the search and asks for no particular order.
//
// What is kept, from every state that the reduced search reaches:
//   - every reachable move is taken somewhere, with all that it reads unchanged: failed assertions, breaches
//     of the lock discipline, model errors, named guards at stake, labels and steps that are reached;
//   - reachable states up to what is not judged: `always`, `sometimes`, `balanced`, and what can still be
//     reached, `recoverable`;
//   - states in which nothing is enabled, and threads that can never move again: a thread that is stuck stays
//     so whatever the others do, and one that is not moves in the reduced graph, too. So `no_deadlock`.
// Chains: a state in which one quiet move is all that is explored need not be stored; what that move leads to
// stands in its place, and so on. Quiet is a move of which nobody wants to know the state before (no locks
// where the discipline is judged, no named guards, no failed assertion). Such a chain ends, because each
// cycle does.
//
// Shortest runs need not be kept. Fair runs, livelock, starvation, `leads_to`, worst cases and the order of
// locks are about runs or about all interleavings; they are refused.
//
// Tests: stubborn_sets_test.cpp.

#include <functional>
#include <memory>
#include <string>

#include "explore/dependence.h"
#include "explore/judge.h"

namespace tdxcheck::explore {

// Which of the judged properties need every order of steps; empty if none does.
[[nodiscard]] std::vector<std::string>
claims_about_all_orders(const std::vector<const model::Property*>& judged);

// Worked out once; may be shared by any number of reduced systems, on any number of threads.
class StubbornSets {
public:
  // None where there is nothing to reduce, or more than 64 threads. `system` compiles more expressions
  // meanwhile.
  [[nodiscard]] static std::shared_ptr<const StubbornSets>
  of(InterpretedSystem& system, const Contexts& contexts, const std::vector<Case>& judged);

  // The thread that is explored alone, or none: the first in which all that matters allows it.
  // `enabled`: bit t is set if thread t has an enabled move.
  [[nodiscard]] std::optional<std::size_t> alone(StateView state, std::uint64_t enabled) const;
  // Likewise, where the state need not be stored if that thread has just one move there.
  [[nodiscard]] std::optional<std::size_t> passing(StateView state) const;
  // Labels at which a thread is explored alone in some state, among all labels.
  [[nodiscard]] std::size_t reducible_labels() const { return reducible_labels_; }

private:
  struct Thread {
    Field label;
    std::vector<std::uint8_t> reducible; // by label
    std::vector<std::uint8_t> quiet;     // by label: reducible, and nobody looks
    struct At {
      std::vector<Field> told_apart_by; // own locals
      // By their values, by other thread, by its label: whether they meet.
      std::vector<std::vector<std::vector<bool>>> meets;
    };
    std::vector<At> at; // by label
  };
  StubbornSets() = default;
  [[nodiscard]] std::optional<std::size_t>
  first_alone(StateView state, std::vector<std::uint8_t> Thread::*allowed, std::uint64_t among) const;

  std::vector<Thread> threads_;
  std::size_t reducible_labels_ = 0;
};

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
  std::uint64_t enabled_ = 0;
  // Of the state that is expanded.
  std::vector<Successor> kept_;
  std::vector<Word> words_of_kept_, end_of_chain_;
};

} // namespace tdxcheck::explore
