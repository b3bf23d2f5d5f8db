// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The same transition system as InterpretedSystem, move by move and in the same order, by tables of patches.
//
// What the moves of a thread at a label do depends on the few fields that they read. For each valuation of
// those that the search meets, the bytecode is run once, and what it does is remembered as a list of patches
// `next = (state & keep) | value`; from then on a state costs one gathered key for each thread, a look into a
// table, and two operations a word for each successor. Guards, arithmetic and indices are gone. (Patch tables
// by partial evaluation; here filled on demand, so that a table costs what is used of it.)
//
// Moves at a label share a table as long as they read no more than `bits_together` bits; a move that reads
// more than `bits_alone` is left to the bytecode, and so is what comes after `most_entries` in all.
//
// What is written shows when the bytecode is run twice, with all other bits of the state 0 and 1.
//
// Tests: tabled_system_test.cpp holds it against InterpretedSystem.

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "explore/interpreted_system.h"
#include "explore/state_key.h"

namespace tdxcheck::explore {

class TabledSystem : public TransitionSystem {
public:
  static constexpr unsigned bits_together = 14;
  static constexpr unsigned bits_alone = 20;
  static constexpr std::size_t most_entries = std::size_t{1} << 25;

  // `system` must outlive this.
  explicit TabledSystem(InterpretedSystem& system);

  [[nodiscard]] std::size_t words() const override { return words_; }
  void initial(SuccessorSink& sink) override { system_.initial(sink); }
  void successors(StateView state, SuccessorSink& sink) override;

  // Of all moves, how many are left to the bytecode.
  [[nodiscard]] std::size_t moves() const { return moves_; }
  [[nodiscard]] std::size_t interpreted_moves() const { return interpreted_moves_; }

private:
  using Entry = std::uint32_t; // where in the patches its list starts
  static constexpr Entry unknown = 0;

  struct Free {
    void operator()(Entry* entries) const;
  };
  // Some moves of a thread at a label, one after the other.
  struct Group {
    StateKey key;
    std::vector<std::uint16_t> moves;
    std::unique_ptr<Entry, Free> entries; // none: left to the bytecode
  };
  struct Thread {
    Field label;
    std::vector<std::vector<Group>> at; // by label
  };

  void add_groups(std::size_t thread, const std::vector<std::uint16_t>& moves, std::vector<Group>& groups);
  [[nodiscard]] Group group_of(const std::vector<std::uint16_t>& moves, const std::vector<bool>& reads);

  template <std::size_t Words>
  void successors_by_words(StateView state, SuccessorSink& sink);
  void interpret(const Group& group, std::uint16_t thread, StateView state, SuccessorSink& sink);
  [[nodiscard]] Entry fill(const Group& group, std::uint16_t thread, StateView state);
  void run_move(Move move, const std::vector<Word>& state, std::vector<Word>& next, Result& result);

  InterpretedSystem& system_;
  std::size_t words_;
  std::vector<Thread> threads_;
  // Lists of patches: their number; then for each its move and flags, and `keep` and `value` for each word.
  std::vector<Word> patches_;
  std::unordered_multimap<Word, Entry> lists_; // by hash, so that equal lists are one
  std::vector<Word> next_, zeros_, ones_, after_zeros_, after_ones_;
  std::size_t entries_ = 0, moves_ = 0, interpreted_moves_ = 0;
};

} // namespace tdxcheck::explore
