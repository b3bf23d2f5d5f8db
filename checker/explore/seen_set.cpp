// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/seen_set.h"

namespace tdxcheck::explore {

SeenSet::SeenSet(std::size_t words, std::size_t slots) : words_(words) {
  support::expects(std::has_single_bit(slots) && slots >= 4, "a table has a power of two of slots");
  make_slots(slots);
}

void SeenSet::make_slots(std::size_t count) {
  slots_ = {};
  slots_ = support::GrowingArray<Word>::zeros(count);
  mask_ = count - 1;
  most_ = count / 8 * 5 + count % 8 / 2; // beyond that, probing grows long
}

// Everything is in the pool: the smaller table goes before the larger one comes.
void SeenSet::grow(const support::GrowingArray<Word>& pool) {
  make_slots(slots_.size() * 2);
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
