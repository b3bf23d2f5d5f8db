// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which states were seen: open addressing in buckets of eight 64-bit slots, a cache line each, that are
// compared as a whole (probe.h). A slot is never removed, so the free ones of a bucket are its last ones.
//
//   occupied | tries or tag | ... | payload
//
// Exact kinds: the state goes through a bijection first, whose upper bits are the number of its bucket and
// need not be stored (quotienting: J. G. Cleary, Compact hash tables using bidirectional linear probing, IEEE
// Transactions on Computers, 1984); what is left, and how many buckets were tried before, says which
// state it is. So a slot *is* a state, or a state with its number, and growing needs nothing but the slots:
// buckets are in the order of the hash, and doubling moves what is in bucket b to 2b and 2b + 1, in place.
//
// Otherwise a slot has 31 bits of the hash (the tag) and the number of a state in a dense pool. A tag only
// saves looking at the pool; whether two states are the same is decided by comparing all their words. So a
// collision costs time and never a state.
//
// Starts small and doubles, because touching fresh memory is the largest cost of a short run. Beyond 7/8 it
// must grow: the memory is worth more than the few probes that go on to the next bucket.
// Tests: seen_set_test.cpp.

#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>

#include "explore/reached_graph.h"
#include "explore/transition_system.h"
#include "support/contract.h"

namespace tdxcheck::explore {

// A search for a free slot looks at this many buckets, each one further from the last than that was from the
// one before it: near enough to be in the same page, and long runs of full buckets do not form.
inline constexpr std::size_t most_tries = 32;
inline constexpr std::size_t most_displaced = most_tries * (most_tries - 1) / 2;

enum class SlotKind : std::uint8_t {
  state,  // the whole state
  map,    // the whole state and its number
  tagged, // a part of its hash and its number
};

// Where a state is looked for first, and what its slot looks like there without the payload. In the next
// bucket the key is larger by `step`.
struct Probe {
  std::uint32_t bucket;
  std::uint32_t successor; // whose it is, of those that are inserted together
  Word key;
};

// How states become probes: fixed numbers for the inner loops.
struct Mixing {
  static constexpr Word occupied = Word{1} << 63;
  static constexpr unsigned try_shift = 58;
  static constexpr Word try_bits = Word{31} << try_shift;
  // How many buckets were tried before the one that a slot is in.
  [[nodiscard]] static std::size_t tries_of(Word slot) { return (slot & try_bits) >> try_shift; }

  SlotKind kind = SlotKind::tagged;
  unsigned low_bits = 64; // of the first word that the bijection mixes
  unsigned bucket_bits = 0;
  unsigned high_bits = 0; // of the second word
  unsigned fold = 32;
  Word low_mask = ~Word{0};
  Word payload = 0;   // the bits of a slot that are no part of the key
  Word step = 0;      // of the key, from bucket to bucket
  unsigned place = 0; // of the remainder

  void set_buckets(unsigned bits);
  template <SlotKind Kind, std::size_t Words>
  [[nodiscard]] Probe probe(const Word* state, std::size_t stride, std::size_t words) const;
};

// Multiply and fold per word, finished by the mixer of MurmurHash3 (A. Appleby), so that both halves of the
// hash depend on every bit.
template <class At>
[[nodiscard]] inline Word hash_words(std::size_t words, At at) {
  Word h = 0x9e3779b97f4a7c15;
  for (std::size_t w = 0; w < words; ++w) h = std::rotl((h ^ at(w)) * 0xff51afd7ed558ccd, 29);
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccd;
  return h ^ (h >> 32);
}
[[nodiscard]] inline Word hash_of(StateView state) {
  return hash_words(state.size(), [&](std::size_t w) { return state[w]; });
}

// `state`: its words, `stride` apart. Words: their number where it is known, else 0.
template <SlotKind Kind, std::size_t Words>
inline Probe Mixing::probe(const Word* state, std::size_t stride, std::size_t words) const {
  if constexpr (Kind == SlotKind::tagged) {
    const Word hash =
        hash_words(Words != 0 ? Words : words, [&](std::size_t w) { return state[w * stride]; });
    return {static_cast<std::uint32_t>(hash >> (64 - bucket_bits)), 0, occupied | (hash & 0x7fffffff) << 32};
  } else {
    // Each line is a bijection of low_bits bits, given the second word.
    Word low = state[0], high = 0;
    if constexpr (Words != 1) {
      high = high_bits != 0 ? state[stride] : 0;
      low ^= (high * 0x9e3779b97f4a7c15) & low_mask;
    }
    low ^= low >> fold;
    low = low * 0xff51afd7ed558ccd & low_mask;
    low ^= low >> fold;
    low = low * 0xc4ceb9fe1a85ec53 & low_mask;
    const unsigned rest_bits = low_bits - bucket_bits;
    Word rest = low & ((Word{1} << rest_bits) - 1);
    if constexpr (Words != 1) rest |= high << rest_bits;
    return {static_cast<std::uint32_t>(low >> rest_bits), 0, occupied | rest << place};
  }
}

class Crew;

class SeenSet {
public:
  static constexpr std::size_t slots_of_a_bucket = 8;

  // Of states that differ in `bits` bits from the low end of `words` words on. Numbers are kept if they are
  // asked for, or needed.
  SeenSet(std::size_t words, std::size_t bits, bool numbers, unsigned bucket_bits = 7);

  [[nodiscard]] SlotKind kind() const { return mixing_.kind; }
  [[nodiscard]] const Mixing& mixing() const { return mixing_; }
  [[nodiscard]] Word* slots() { return slots_.data(); }

  // Room for `more` states beyond `size`.
  [[nodiscard]] bool must_grow(std::size_t size, std::size_t more) const { return size + more > most_; }
  [[nodiscard]] std::size_t most() const { return most_; }
  // Doubles, by all of the crew, where there is one; `pool` has all states that are in it, by number: those
  // below `size` that are not unused.
  using Unused = std::function<bool(StateNumber)>;
  void grow(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused, Crew* crew);
  // The state, which is in it.
  void renumber(StateView state, StateNumber from, StateNumber to);
  [[nodiscard]] std::uint64_t bytes() const { return slots_.size() * sizeof(Word); }

private:
  void spread(Crew* crew);
  void hash_again(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused,
                  Crew* crew);
  [[nodiscard]] Probe probe(StateView state) const;

  std::size_t words_;
  Mixing mixing_;
  support::GrowingArray<Word> slots_; // 0: free
  std::size_t most_ = 0;
};

// At the first free slot from the bucket on, `step` as of Mixing. If shared, others put theirs meanwhile.
void put(Word* slots, std::size_t bucket, Word slot, Word step, bool shared = false);

} // namespace tdxcheck::explore
