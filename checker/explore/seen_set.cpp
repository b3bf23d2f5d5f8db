// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/seen_set.h"

#include <algorithm>
#include <array>

#include "explore/crew.h"
#include "explore/double_in_place.h"
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
constexpr StateNumber fewest_states_to_share = 1 << 14;

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
  step = Word{1} << try_shift;
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

void SeenSet::grow(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused,
                   Crew* crew) {
  if (mixing_.kind == SlotKind::tagged) hash_again(pool, size, unused, crew);
  else spread(crew);
  most_ *= 2;
}

// Everything is in the pool: the smaller table goes before the larger one comes.
void SeenSet::hash_again(const support::GrowingArray<Word>& pool, StateNumber size, const Unused& unused,
                         Crew* crew) {
  mixing_.set_buckets(mixing_.bucket_bits + 1);
  slots_ = {};
  slots_ = support::GrowingArray<Word>::zeros(slots_of(mixing_.bucket_bits));
  const bool shared = crew != nullptr && size >= fewest_states_to_share;
  const auto insert = [&](StateNumber begin, StateNumber end) {
    constexpr StateNumber ahead = 32;
    std::array<Probe, ahead> coming{};
    const auto look_at = [&](StateNumber number) {
      coming[number % ahead] = probe({pool.data() + std::size_t{number} * words_, words_});
      __builtin_prefetch(&slots_[std::size_t{coming[number % ahead].bucket} * slots_of_a_bucket]);
    };
    for (StateNumber number = begin; number < end && number - begin < ahead; ++number) look_at(number);
    for (StateNumber number = begin; number < end; ++number) {
      const Probe here = coming[number % ahead];
      if (!unused(number)) put(slots_.data(), here.bucket, here.key | number, mixing_.step, shared);
      if (end - number > ahead) look_at(number + ahead);
    }
  };
  if (!shared) return insert(0, size);
  const auto part = [&](std::size_t k) {
    return static_cast<StateNumber>(std::uint64_t{size} * k / crew->size());
  };
  crew->run([&](std::size_t k) { insert(part(k), part(k + 1)); });
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

void SeenSet::spread(Crew* crew) {
  const Mixing before = mixing_;
  support::ensures_internal(before.low_bits > before.bucket_bits,
                            "a table has no more buckets than there are states");
  mixing_.set_buckets(before.bucket_bits + 1);
  const std::size_t size = slots_of(mixing_.bucket_bits);
  slots_.reserve(size);
  slots_.set_size(size);
  double_in_place(slots_.data(), before, mixing_, crew);
}

void put(Word* slots, std::size_t bucket, Word slot, Word step, bool shared) {
  for (std::size_t tries = 0; tries < most_tries; ++tries, bucket += tries, slot += step) {
    Word* const line = slots + bucket * slots_of_a_bucket;
    for (std::size_t i = 0; i < slots_of_a_bucket; ++i) {
      if (shared) {
        Word free = 0;
        if (std::atomic_ref(line[i]).compare_exchange_strong(free, slot)) return;
      } else if (line[i] == 0) {
        line[i] = slot;
        return;
      }
    }
  }
  throw support::InternalError("a table of which half is free has no free slot near a bucket");
}

} // namespace tdxcheck::explore
