// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Card 2: what a search leaves behind. States are numbered in breadth-first order, so a state's number is
// larger than its parent's, and levels are ranges. The rows (compressed sparse rows) are there if they were
// asked for.

#include <cstdint>
#include <span>
#include <vector>

#include "explore/compact_columns.h"
#include "explore/transition_system.h"
#include "support/growing_array.h"

namespace tdxcheck::explore {

inline constexpr StateNumber no_state = 0xffffffff;

struct ReachedGraph {
  std::size_t words = 1;
  support::GrowingArray<Word> pool;          // states, one after the other
  support::GrowingArray<StateNumber> parent; // no_state for an initial state
  std::vector<StateNumber> level;            // first state of each depth, then states()
  // Edges of state s are rows[s] .. rows[s + 1]; empty unless asked for.
  RowColumn rows;
  support::GrowingArray<StateNumber> target;
  MoveColumn move;
  std::uint64_t transitions = 0;

  [[nodiscard]] StateNumber states() const { return static_cast<StateNumber>(parent.size()); }
  [[nodiscard]] StateView state(StateNumber s) const { return {pool.data() + std::size_t{s} * words, words}; }
  // Of all columns.
  [[nodiscard]] std::uint64_t bytes() const {
    return pool.capacity() * sizeof(Word) + (parent.capacity() + target.capacity()) * sizeof(StateNumber) +
           rows.bytes() + move.bytes();
  }
  [[nodiscard]] std::uint32_t depth() const {
    return level.size() < 2 ? 0 : static_cast<std::uint32_t>(level.size() - 2);
  }
};

} // namespace tdxcheck::explore
