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

} // namespace tdxcheck::explore
