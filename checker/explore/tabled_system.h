// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The same transition system as InterpretedSystem, move by move and in the same order, by tables of patches.
//
// What the moves of a thread do depends on its own label and locals, and on the few other fields that they
// then read: partial_evaluation.h says which, and which moves are out of the question. For each valuation of
// those that the search meets, the bytecode is run once, and what it does is remembered as a list of patches
// `next = (state & keep) | value`; from then on a state costs one look-up by the thread's own bits, one
// gathered key, a look into a table, and two operations a word for four successors at once. Guards,
// arithmetic and indices are gone. (Patch tables by partial evaluation; here made on demand, so that a table
// costs what is used of it.)
//
// Moves share a table as long as they read no more than `bits_together` bits; a move that reads more than
// `bits_alone` is left to the bytecode, and so is what comes after `most_entries` in all.
//
// What is written shows when the bytecode is run twice, with all other bits of the state 0 and 1.
//
// Tests: tabled_system_test.cpp holds it against InterpretedSystem.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "explore/by_move.h"
#include "explore/inner_loops.h"
#include "explore/interpreted_system.h"
#include "explore/partial_evaluation.h"
#include "explore/state_key.h"
#include "explore/successors.h"

namespace tdxcheck::explore {

class TabledSystem : public TransitionSystem {
public:
  static constexpr unsigned bits_together = 18;
  static constexpr unsigned bits_alone = 20;
  static constexpr std::size_t most_entries = std::size_t{1} << 25;

  // `system` must outlive this.
  explicit TabledSystem(InterpretedSystem& system, const InnerLoops& loops = inner_loops());

  [[nodiscard]] std::size_t words() const override { return words_; }
  [[nodiscard]] std::size_t bits() const override { return system_.bits(); }
  void initial(SuccessorSink& sink) override { system_.initial(sink); }
  void successors(StateView state, SuccessorSink& sink) override;
  void successors_of(std::size_t thread, StateView state, SuccessorSink& sink) override;
  std::size_t expand(const Word* states, std::size_t count, StateNumber first, Successors& all) override;
  void show(Move move) override;

  // The steps that were met and left to the bytecode, each once, and why: "zapper: label: text: reads 27
  // bits".
  [[nodiscard]] std::vector<std::string> left_to_bytecode() const;

private:
  struct Free {
    void operator()(Entry* entries) const;
  };
  // Some moves of a thread in a local state, one after the other.
  struct Group {
    StateKey key;
    std::vector<std::uint16_t> moves;
    std::unique_ptr<Entry, Free> entries; // none: left to the bytecode
    std::vector<Word> more;               // for Row
    const OwnBits* own;                   // that is looked at as well
  };
  struct OddList {
    std::size_t patch = 0; // the first one
    std::vector<std::uint8_t> flags;
  };

  struct List {
    std::vector<Word> patches; // by patch, by word: keep, value
    std::vector<Move> moves;
    std::vector<std::uint8_t> flags;
    friend bool operator==(const List&, const List&) = default;
  };
  struct HashOfList {
    std::size_t operator()(const List& list) const;
  };

  [[nodiscard]] std::size_t expand_by(StepTables& tables, const Word* states, std::size_t count,
                                      StateNumber first, Successors& all);
  void hand_over(SuccessorSink& sink);
  void add_thread(std::size_t thread);
  void build_rows(Row& first, std::size_t thread, StateView state);
  [[nodiscard]] std::vector<Group> groups_of(std::size_t thread, StateView state);
  [[nodiscard]] Group group_of(std::size_t thread, const std::vector<std::uint16_t>& moves,
                               const std::vector<bool>& reads);
  void leave_to_bytecode(std::size_t thread, const Group& group);
  [[nodiscard]] Row row_of(Group& group);
  void point_at_blocks();

  static std::size_t odd(void* by, StepTables& tables, Row& row, std::uint32_t thread, const Word* state,
                         StateNumber number, std::size_t size);
  void odd(Row& row, std::uint16_t thread, StateView state, StateNumber number);
  void interpret(const Group& group, std::uint16_t thread, StateView state, StateNumber number);
  void apply(Entry entry, StateView state, StateNumber number);
  [[nodiscard]] Entry fill(const Group& group, std::uint16_t thread, StateView state);
  [[nodiscard]] Entry remember(const List& list);
  void run_move(Move move, const std::vector<Word>& state, std::vector<Word>& next, Result& result);

  InterpretedSystem& system_;
  const InnerLoops& loops_;
  std::size_t words_;
  PartialEvaluation evaluation_;
  std::deque<Group> groups_; // by Row::group
  std::vector<std::unique_ptr<Row[]>> rows_;
  std::deque<Row> more_rows_;
  std::map<std::string, unsigned> by_bytecode_; // which steps, how many bits they read; 0: no room
  std::vector<StepTables::Thread> threads_;
  support::GrowingArray<Word> blocks_;
  std::vector<Move> patch_moves_;
  std::vector<OddList> odd_lists_;
  std::unordered_map<List, Entry, HashOfList> lists_;
  MoveSet shown_;
  StepTables tables_{};
  Successors* all_ = nullptr; // what is being written
  Successors one_;            // of a single state
  std::size_t most_successors_ = 0;
  std::vector<Word> next_, next_of_one_, zeros_, ones_, after_zeros_, after_ones_;
  std::vector<Word> no_more_; // for rows without moves
  std::size_t entries_ = 0;
};

} // namespace tdxcheck::explore
