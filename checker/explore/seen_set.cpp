// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/seen_set.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "support/error.h"

namespace tdxcheck::explore {
namespace {

constexpr std::size_t bits_of_a_word = 64;
constexpr std::size_t slots_of_a_bucket = SeenSet::slots_of_a_bucket;
// A map has room for the number of each of its slots and of as many that were given up.
constexpr unsigned bits_beyond_bucket = 4;
constexpr unsigned bits_of_occupied_and_tries = 6;
constexpr std::size_t most_bits_of_a_map = bits_of_a_word - bits_beyond_bucket - bits_of_occupied_and_tries;
// Of the second word: the table starts with as many buckets as make up for them.
constexpr std::size_t most_high_bits = 10;
// So that the smallest states, too, are mixed, and have more bits than the table ever has buckets.
constexpr std::size_t fewest_bits = 36;

SlotKind kind_for(std::size_t bits, bool numbers) {
  if (bits <= most_bits_of_a_map) return SlotKind::map;
  return !numbers && bits <= bits_of_a_word + most_high_bits ? SlotKind::state : SlotKind::tagged;
}

std::size_t slots_of(unsigned bucket_bits) {
  return ((std::size_t{1} << bucket_bits) + most_displaced) * slots_of_a_bucket;
}

} // namespace

void Mixing::set_buckets(unsigned bits) {
  bucket_bits = bits;
  if (kind == SlotKind::tagged) {
    payload = (Word{1} << 32) - 1;
    place = 32;
    return;
  }
  support::ensures_internal(bits <= low_bits, "a table has no more buckets than there are states");
  place = kind == SlotKind::map ? bits + bits_beyond_bucket : 0;
  payload = (Word{1} << place) - 1;
  step = Word{1} << 58;
}

SeenSet::SeenSet(std::size_t words, std::size_t bits, bool numbers, unsigned bucket_bits) : words_(words) {
  mixing_.kind = kind_for(bits, numbers);
  if (mixing_.kind != SlotKind::tagged) {
    mixing_.low_bits = static_cast<unsigned>(std::clamp(bits, fewest_bits, bits_of_a_word));
    mixing_.high_bits = bits > bits_of_a_word ? static_cast<unsigned>(bits - bits_of_a_word) : 0;
    mixing_.low_mask = mixing_.low_bits == bits_of_a_word ? ~Word{0} : (Word{1} << mixing_.low_bits) - 1;
    mixing_.fold = mixing_.low_bits / 2;
    if (mixing_.kind == SlotKind::state)
      bucket_bits = std::max(bucket_bits, mixing_.high_bits + bits_of_occupied_and_tries);
  }
  support::expects(bucket_bits >= 1 && bucket_bits <= 32, "a table has 2 to 2^32 buckets");
  mixing_.set_buckets(bucket_bits);
  slots_ = support::GrowingArray<Word>::zeros(slots_of(bucket_bits));
  most_ = (slots_of_a_bucket << bucket_bits) / 8 * 7;
}

std::span<Word> SeenSet::reserve_to_grow() {
  if (mixing_.kind == SlotKind::tagged) return {};
  const std::size_t size = slots_of(mixing_.bucket_bits), larger = slots_of(mixing_.bucket_bits + 1);
  slots_.reserve(larger);
  return {slots_.data() + size, larger - size};
}

void SeenSet::grow(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused) {
  if (mixing_.kind == SlotKind::tagged) hash_again(pool, size, unused);
  else spread();
  most_ *= 2;
}

// Everything is in the pool: the smaller table goes before the larger one comes.
void SeenSet::hash_again(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused) {
  mixing_.set_buckets(mixing_.bucket_bits + 1);
  slots_ = {};
  slots_ = support::GrowingArray<Word>::zeros(slots_of(mixing_.bucket_bits));
  constexpr StateNumber ahead = 32;
  std::array<Probe, ahead> coming{};
  const auto look_at = [&](StateNumber number) {
    coming[number % ahead] = probe({pool.data() + std::size_t{number} * words_, words_});
    __builtin_prefetch(&slots_[std::size_t{coming[number % ahead].bucket} * slots_of_a_bucket]);
  };
  for (StateNumber number = 0; number < std::min(size, ahead); ++number) look_at(number);
  for (StateNumber number = 0; number < size; ++number) {
    const Probe here = coming[number % ahead];
    if (!unused(number)) put(here.bucket, here.key | number);
    if (size - number > ahead) look_at(number + ahead);
  }
}

Probe SeenSet::probe(StateView state) const {
  switch (mixing_.kind) {
  case SlotKind::state: return mixing_.probe<SlotKind::state, 0>(state.data(), 1, words_);
  case SlotKind::map: return mixing_.probe<SlotKind::map, 1>(state.data(), 1, words_);
  case SlotKind::tagged: return mixing_.probe<SlotKind::tagged, 0>(state.data(), 1, words_);
  }
  return {};
}

void SeenSet::renumber(StateView state, StateNumber from, StateNumber to) {
  if (mixing_.kind == SlotKind::state) return;
  const Probe home = probe(state);
  std::size_t at = home.bucket;
  Word key = home.key;
  for (std::size_t tries = 0; tries < most_tries; key += mixing_.step) {
    for (std::size_t i = 0; i < slots_of_a_bucket; ++i) {
      Word& slot = slots_[at * slots_of_a_bucket + i];
      if (slot != (key | from)) continue;
      slot = key | to;
      return;
    }
    at += ++tries;
  }
  throw support::InternalError("a state that is renumbered is in the table");
}

// At the first free slot from the bucket on.
void SeenSet::put(std::size_t bucket, Word slot) {
  for (std::size_t tries = 0; tries < most_tries; ++tries, bucket += tries, slot += mixing_.step) {
    Word* const line = &slots_[bucket * slots_of_a_bucket];
    for (std::size_t i = 0; i < slots_of_a_bucket; ++i) {
      if (line[i] != 0) continue;
      line[i] = slot;
      return;
    }
  }
  throw support::InternalError("a table of which half is free has no free slot near a bucket");
}

// In place, from the last bucket to the first: where a bucket's states go, all was moved away already. The
// first ones would go where they are themselves, and are put aside before.
void SeenSet::spread() {
  using Bucket = std::array<Word, slots_of_a_bucket>;
  const std::size_t old_homes = std::size_t{1} << mixing_.bucket_bits;
  const std::size_t old_buckets = old_homes + most_displaced;
  const unsigned old_place = mixing_.place;
  const unsigned old_rest = mixing_.low_bits - mixing_.bucket_bits;
  support::ensures_internal(old_rest > 0, "a table has no more buckets than there are states");
  const Word old_payload = mixing_.payload;
  mixing_.set_buckets(mixing_.bucket_bits + 1);
  const std::size_t size = slots_of(mixing_.bucket_bits);
  slots_.reserve(size);
  slots_.set_size(size);

  // Nearly all were in the first bucket that was tried, and go where nearly nothing is.
  const auto move = [&](std::size_t bucket, const Bucket& slots) {
    struct Moved {
      std::size_t bucket;
      Word slot;
    };
    std::array<Moved, slots_of_a_bucket> displaced;
    std::size_t count = 0;
    const bool is_home = bucket < old_homes;
    Word* const lines = slots_.data() + (is_home ? 2 * bucket * slots_of_a_bucket : 0);
    std::array<std::size_t, 2> used{0, 0};
    for (std::size_t line = 0; is_home && line < 2; ++line)
      while (used[line] < slots_of_a_bucket && lines[line * slots_of_a_bucket + used[line]] != 0)
        ++used[line];
    for (const Word slot : slots) {
      if (slot == 0) break;
      const std::size_t tries = (slot & Mixing::try_bits) >> 58;
      const Word rest = (slot & ~(Mixing::occupied | Mixing::try_bits)) >> old_place;
      const Word low = rest & ((Word{1} << old_rest) - 1), high = rest >> old_rest;
      const Word upper = low >> (old_rest - 1), lower = low & ((Word{1} << (old_rest - 1)) - 1);
      const Word moved =
          Mixing::occupied | (high << (old_rest - 1) | lower) << mixing_.place | (slot & old_payload);
      if (tries == 0 && used[upper] < slots_of_a_bucket)
        lines[upper * slots_of_a_bucket + used[upper]++] = moved;
      else displaced[count++] = {(bucket - tries * (tries + 1) / 2) << 1 | upper, moved};
    }
    for (std::size_t d = 0; d < count; ++d) put(displaced[d].bucket, displaced[d].slot);
  };
  const auto take = [&](std::size_t bucket) {
    Bucket slots;
    Word* const line = &slots_[bucket * slots_of_a_bucket];
    std::memcpy(slots.data(), line, sizeof slots);
    std::memset(line, 0, sizeof slots);
    return slots;
  };
  std::vector<Bucket> first(std::min(2 * most_displaced + 2, old_buckets));
  const std::size_t aside = first.size();
  for (std::size_t bucket = 0; bucket < aside; ++bucket) first[bucket] = take(bucket);
  for (std::size_t bucket = old_buckets; bucket-- > aside;) move(bucket, take(bucket));
  for (std::size_t bucket = aside; bucket-- > 0;) move(bucket, first[bucket]);
}

} // namespace tdxcheck::explore
