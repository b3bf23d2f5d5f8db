// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which states were seen: open addressing over 64-bit slots, each the upper half of the hash (the tag) and
// the number of a state in a dense pool. A tag only saves looking at the pool; whether two states are the
// same is decided by comparing all their words, so a collision costs time and never a state.
//
// Starts small and doubles, because touching fresh memory is the largest cost of a short run. Probing is
// linear and starts at the lower half of the hash, so that one prefetch of the slot's line hides most of the
// latency. Tests: seen_set_test.cpp, with a hash that always collides.

#include <cstdint>
#include <vector>

#include "explore/reached_graph.h"
#include "explore/transition_system.h"

namespace tdxcheck::explore {

[[nodiscard]] Word hash_of(StateView state);

class SeenSet {
public:
  explicit SeenSet(std::size_t words, std::size_t slots = 1024); // slots: a power of two

  struct Found {
    StateNumber number;
    bool is_new;
  };
  // The number of the state; a new one is appended to `pool`, which must hold exactly what was inserted
  // before. Not while it must grow.
  Found insert(StateView state, Word hash, std::vector<Word>& pool);
  void prefetch(Word hash) const { __builtin_prefetch(&slots_[hash & mask_]); }

  [[nodiscard]] bool must_grow() const { return size_ >= most_; }
  void grow(const std::vector<Word>& pool); // doubles, hashing with hash_of
  [[nodiscard]] std::uint64_t bytes() const { return slots_.size() * sizeof(Word); }
  [[nodiscard]] std::size_t size() const { return size_; }

private:
  [[nodiscard]] bool is_at(const std::vector<Word>& pool, std::size_t number, StateView state) const;
  void fit();

  std::size_t words_;
  std::vector<Word> slots_; // tag, number + 1; 0: free
  Word mask_ = 0;
  std::size_t size_ = 0, most_ = 0;
};

} // namespace tdxcheck::explore
