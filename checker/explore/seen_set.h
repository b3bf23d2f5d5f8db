// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which states were seen: open addressing over 64-bit slots, each the upper half of the hash (the tag) and
// the number of a state in a dense pool. A tag only saves looking at the pool; whether two states are the
// same is decided by comparing all their words, so a collision costs time and never a state.
//
// Starts small and doubles, because touching fresh memory is the largest cost of a short run. Probing is
// linear and starts at the lower half of the hash, so that one prefetch of the slot's line hides most of the
// latency. Tests: seen_set_test.cpp, with a hash that always collides.

#include <bit>
#include <cstdint>

#include "explore/reached_graph.h"
#include "explore/transition_system.h"
#include "support/contract.h"

namespace tdxcheck::explore {

// Multiply and fold per word, finished by the mixer of MurmurHash3 (A. Appleby), so that both halves of the
// hash depend on every bit.
[[nodiscard]] inline Word hash_of(StateView state) {
  Word h = 0x9e3779b97f4a7c15;
  for (const Word word : state) h = std::rotl((h ^ word) * 0xff51afd7ed558ccd, 29);
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccd;
  return h ^ (h >> 32);
}

class SeenSet {
public:
  explicit SeenSet(std::size_t words, std::size_t slots = 1024); // slots: a power of two

  struct Found {
    StateNumber number;
    bool is_new;
  };
  // The number of the state; a new one is appended to `pool`, which must hold exactly what was inserted
  // before. Not while it must grow.
  Found insert(StateView state, Word hash, support::GrowingArray<Word>& pool);
  void prefetch(Word hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  // Then, some time later, the state that it is most likely to be compared with.
  void prefetch_state(Word hash, const support::GrowingArray<Word>& pool) const {
    if (const Word slot = slots_[hash & mask_]; slot != 0)
      __builtin_prefetch(pool.data() + ((slot & low_half) - 1) * words_);
  }

  [[nodiscard]] bool must_grow() const { return size_ >= most_; }
  void grow(const support::GrowingArray<Word>& pool); // doubles, hashing with hash_of
  [[nodiscard]] std::uint64_t bytes() const { return slots_.size() * sizeof(Word); }
  [[nodiscard]] std::size_t size() const { return size_; }

private:
  static constexpr Word low_half = 0xffffffff;

  [[nodiscard]] static Word slot_for(Word hash, std::size_t number) {
    return (hash & ~low_half) | (static_cast<Word>(number) + 1);
  }
  // A state has few words: calling memcmp would cost more than comparing them.
  [[nodiscard]] bool is_at(const support::GrowingArray<Word>& pool, std::size_t number,
                           StateView state) const {
    const Word* const stored = pool.data() + number * words_;
    Word different = 0;
    for (std::size_t w = 0; w < words_; ++w) different |= stored[w] ^ state[w];
    return different == 0;
  }
  void make_slots(std::size_t count);

  std::size_t words_;
  support::GrowingArray<Word> slots_; // tag, number + 1; 0: free
  Word mask_ = 0;
  std::size_t size_ = 0, most_ = 0;
};

inline SeenSet::Found SeenSet::insert(StateView state, Word hash, support::GrowingArray<Word>& pool) {
  support::expects(!must_grow(), "a full table grows before something is inserted");
  for (Word at = hash & mask_;; at = (at + 1) & mask_) {
    const Word slot = slots_[at];
    if (slot == 0) {
      slots_[at] = slot_for(hash, size_);
      pool.append(state);
      return {static_cast<StateNumber>(size_++), true};
    }
    const std::size_t number = (slot & low_half) - 1;
    if (((slot ^ hash) & ~low_half) == 0 && is_at(pool, number, state)) {
      return {static_cast<StateNumber>(number), false};
    }
  }
}

} // namespace tdxcheck::explore
