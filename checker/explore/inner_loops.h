// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The loops in which a search spends its time, compiled once for each kind of processor that it may run on
// (inner_loops.inl) and for each number of words of a state; the best ones are chosen when the program runs.

#include <cstddef>
#include <cstdint>

#include "explore/seen_set.h"
#include "explore/transition_system.h"

namespace tdxcheck::explore {

// ---- successors by tables of patches

// Which patches the moves of a thread have, at a label, for each valuation of what they read. Zero: not known
// yet. Otherwise in the low bits their number and 1 (list_is_odd: see odd()), and above where they start, in
// blocks.
using Entry = std::uint32_t;
inline constexpr unsigned bits_of_a_length = 6;
inline constexpr Entry list_is_odd = (1U << bits_of_a_length) - 1;
inline constexpr std::size_t patches_of_a_block = 4;

// Some moves of a thread in a local state.
struct Row {
  const Entry* entries; // by the gathered bits
  Row* next;            // more moves there
  Word mask;            // of the bits of the first word that they read
  const Word* more;     // for each further word, the mask and how far its bits are shifted in the key
  std::uint32_t group;
};

struct StepTables {
  struct Thread {
    std::uint32_t number, word, shift;
    Word mask; // of its own bits
    Row* rows; // by its own bits
  };
  const Thread* threads;
  std::size_t count;
  std::size_t words;
  // A block is four patches: for each word, what is kept of it by each, and then what is put there by each.
  const Word* blocks;
  const Move* moves; // by patch
};

struct Expansion {
  const Word* states; // one after the other
  std::size_t count;
  StateNumber first;
  Word* columns;
  std::size_t stride;
  StateNumber* sources;
  Move* moves;
  std::uint32_t* ends; // by source
  std::size_t size;    // of the columns, now and then
  std::size_t full;    // no more sources beyond this
  // What the loop cannot do itself: look up what is not known yet, or is not plain. The new size.
  std::size_t (*odd)(void* by, StepTables& tables, Row& row, std::uint32_t thread, const Word* state,
                     StateNumber number, std::size_t size);
  void* by;
};

// ---- the seen set

// Of the successors, a quarter to 40 % were generated a moment ago, on another way. The last state for each
// of a few buckets is remembered, near the processor, and what is the same again is not looked for in the
// table, whose lines are far away. (1024 of them filter 32, 26 and 40 % in the three workloads of
// tests/bench, 16384 filter 34, 39 and 47 %, and are slower.)
inline constexpr std::size_t recent_states = 1024;

inline constexpr std::size_t room_beyond_probes = 8; // as far as preparing may write behind the last one

// States, and the table that they are looked for in.
struct Batch {
  Word* slots;
  const Mixing* mixing;
  const Word* columns; // states, their words `stride` apart
  std::size_t stride, words;
};

struct Preparation : Batch {
  std::size_t at, end; // those that are new to this
  // `words` for each of recent_states, all of which were inserted or will be: or null, and nothing is left
  // out.
  Word* recent;
  Probe* probes; // of all that are to be inserted, and room_beyond_probes
  std::size_t count;
};

struct Insertion : Batch {
  const StateNumber* sources;
  Probe* probes;
  std::size_t at, end;  // what is left to be inserted, of the probes
  Word* pool;           // a state takes its number and is written there,
  StateNumber* parents; // and its source,
  StateNumber next;     // as long as
  StateNumber last;     // next < last
  StateNumber* numbers; // of the states that were asked for, unless null; only with kinds that have them
};

struct InnerLoops {
  static constexpr std::size_t most_words = 4; // 0 stands for more
  const char* name;
  bool gathers_fast; // by one instruction a word
  std::size_t (*expand[most_words + 1])(StepTables& tables, Expansion& job);
  // Hashes, and asks for the cache lines.
  void (*prepare[3][most_words + 1])(Preparation& job);
  // Leaves out of the probes those whose states are in the table: where nobody asks for their numbers, that
  // is all there is to be done about them. Those that are tagged all stay.
  void (*sift[3])(Insertion& job);
  // Returns early where a state finds no free slot near its bucket, or next reaches last; the second row is
  // for several threads at once.
  void (*insert[2][3][most_words + 1])(Insertion& job);
};

[[nodiscard]] const InnerLoops& inner_loops(); // for this processor
// All that this processor can run, the plainest first.
[[nodiscard]] const InnerLoops* const* inner_loops_that_run(std::size_t& count);

} // namespace tdxcheck::explore
