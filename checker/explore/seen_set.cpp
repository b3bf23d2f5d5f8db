// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/seen_set.h"

#include <algorithm>
#include <bit>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr Word low_half = 0xffffffff;

Word slot_for(Word hash, std::size_t number) { return (hash & ~low_half) | (static_cast<Word>(number) + 1); }

} // namespace

// Multiply and fold per word, finished by the mixer of MurmurHash3 (A. Appleby), so that both halves of the
// hash depend on every bit.
Word hash_of(StateView state) {
  Word h = 0x9e3779b97f4a7c15;
  for (const Word word : state) h = std::rotl((h ^ word) * 0xff51afd7ed558ccd, 29);
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccd;
  return h ^ (h >> 32);
}

SeenSet::SeenSet(std::size_t words, std::size_t slots) : words_(words), slots_(slots, 0) {
  support::expects(std::has_single_bit(slots) && slots >= 4, "a table has a power of two of slots");
  fit();
}

void SeenSet::fit() {
  mask_ = slots_.size() - 1;
  most_ = slots_.size() / 8 * 5 + slots_.size() % 8 / 2; // beyond that, probing grows long
}

bool SeenSet::is_at(const std::vector<Word>& pool, std::size_t number, StateView state) const {
  return std::equal(state.begin(), state.end(), pool.begin() + static_cast<std::ptrdiff_t>(number * words_));
}

SeenSet::Found SeenSet::insert(StateView state, Word hash, std::vector<Word>& pool) {
  support::expects(!must_grow(), "a full table grows before something is inserted");
  for (Word at = hash & mask_;; at = (at + 1) & mask_) {
    const Word slot = slots_[at];
    if (slot == 0) {
      slots_[at] = slot_for(hash, size_);
      pool.insert(pool.end(), state.begin(), state.end());
      return {static_cast<StateNumber>(size_++), true};
    }
    const std::size_t number = (slot & low_half) - 1;
    if (((slot ^ hash) & ~low_half) == 0 && is_at(pool, number, state)) {
      return {static_cast<StateNumber>(number), false};
    }
  }
}

void SeenSet::grow(const std::vector<Word>& pool) {
  slots_ = std::vector<Word>(slots_.size() * 2, 0);
  fit();
  constexpr std::size_t ahead = 16;
  const auto state = [&](std::size_t number) { return StateView{pool.data() + number * words_, words_}; };
  for (std::size_t number = 0; number < size_; ++number) {
    if (number + ahead < size_) prefetch(hash_of(state(number + ahead)));
    const Word hash = hash_of(state(number));
    Word at = hash & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = slot_for(hash, number);
  }
}

} // namespace tdxcheck::explore
