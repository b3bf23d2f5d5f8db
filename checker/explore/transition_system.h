// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Card 1: what a search needs to know of a model. Symmetry, reduction and self-checking are wrappers that are
// transition systems themselves; faster steps are another implementation.

#include <cstdint>
#include <set>
#include <span>
#include <utility>

namespace tdxcheck::explore {

using Word = std::uint64_t;
using StateView = std::span<const Word>;
using StateNumber = std::uint32_t;
class Successors;

// Which step led to a successor: a thread instance, and the number of one of its steps with its choices made.
struct Move {
  std::uint16_t thread = 0;
  std::uint16_t step = 0;
  friend bool operator==(const Move&, const Move&) = default;
};

// What is remarkable about a transition besides its target.
enum MoveFlags : std::uint8_t {
  plain_move = 0,
  assertion_failed = 1, // the step happened; which assertion: ask the system to explain the move
  range_left = 2,       // a model error: the successor means nothing
  shown = 4,            // somebody asked to be shown this move: see show()
};

class SuccessorSink {
public:
  virtual ~SuccessorSink() = default;
  // `next` is valid during the call only.
  virtual void take(StateView next, Move move, std::uint8_t flags) = 0;
};

class TransitionSystem {
public:
  virtual ~TransitionSystem() = default;
  [[nodiscard]] virtual std::size_t words() const = 0; // per state, all states alike
  // How many bits of the words, from the low end of the first one on, states may differ in.
  [[nodiscard]] virtual std::size_t bits() const { return words() * 64; }
  virtual void initial(SuccessorSink& sink) = 0;
  // In a fixed order that depends on the state alone.
  virtual void successors(StateView state, SuccessorSink& sink) = 0;
  // Those of one thread alone, in the same order.
  virtual void successors_of(std::size_t thread, StateView state, SuccessorSink& sink);
  // The same of as many of the states (one after the other, numbered from `first`) as there is room for, at
  // least of one; of how many. What is slow about a call for each successor is what this is for; a system
  // that has no better way to do it has it done by `successors`.
  virtual std::size_t expand(const Word* states, std::size_t count, StateNumber first, Successors& all);

  // From now on expand() flags every such move as shown.
  virtual void show(Move move) { shown_.emplace(move.thread, move.step); }

protected:
  [[nodiscard]] bool is_shown(Move move) const {
    return !shown_.empty() && shown_.contains({move.thread, move.step});
  }

private:
  std::set<std::pair<std::uint16_t, std::uint16_t>> shown_;
};

} // namespace tdxcheck::explore
