// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Card 1: what a search needs to know of a model. Symmetry, reduction and self-checking are wrappers that are
// transition systems themselves; faster steps are another implementation.

#include <cstdint>
#include <span>

namespace tdxcheck::explore {

using Word = std::uint64_t;
using StateView = std::span<const Word>;

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
  virtual void initial(SuccessorSink& sink) = 0;
  // In a fixed order that depends on the state alone.
  virtual void successors(StateView state, SuccessorSink& sink) = 0;
};

} // namespace tdxcheck::explore
