// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/double_in_place.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace tdxcheck::explore {
namespace {

constexpr std::size_t slots_of_a_bucket = SeenSet::slots_of_a_bucket;
// What is in bucket b has its home in b - most_displaced or after, so goes to 2b - furthest or after, and
// before 2b + furthest. So no bucket from `furthest` on goes to one before itself; and parts of the table
// that are `furthest` apart go to places that have nothing in common.
constexpr std::size_t furthest = 2 * most_displaced;
constexpr std::size_t fewest_of_a_part = 4 * furthest;

class Doubling {
public:
  Doubling(Word* slots, const Mixing& before, const Mixing& after)
      : slots_(slots),
        after_(after),
        homes_(std::size_t{1} << before.bucket_bits),
        old_place_(before.place),
        old_rest_(before.low_bits - before.bucket_bits),
        old_payload_(before.payload) {}

  // From the last bucket to the first: where a bucket's states go, all was moved away already. The first ones
  // would go where they are themselves, and are put aside before.
  void run(Crew* crew) {
    std::size_t end = homes_ + most_displaced;
    std::vector<Bucket> first(std::min(furthest + 2, end));
    for (std::size_t bucket = 0; bucket < first.size(); ++bucket) first[bucket] = take(bucket);
    if (crew != nullptr) end = move_together(*crew, end);
    move_all(first.size(), std::max(first.size(), end));
    for (std::size_t bucket = first.size(); bucket-- > 0;) move(bucket, first[bucket]);
  }

private:
  using Bucket = std::array<Word, slots_of_a_bucket>;

  // As many at a time as go beyond all of them: in parts, and when these are done, what lies between them.
  // What is left is before the result.
  std::size_t move_together(Crew& crew, std::size_t end) {
    for (;;) {
      const std::size_t begin = (end + 1) / 2 + most_displaced;
      if (begin + crew.size() * fewest_of_a_part > end) return end;
      const auto part = [&](std::size_t k) { return begin + (end - begin) * k / crew.size(); };
      const auto border = [&](std::size_t k) { return k == 0 ? begin : part(k) + furthest; };
      crew.run([&](std::size_t k) { move_all(border(k), part(k + 1)); });
      for (std::size_t k = 1; k < crew.size(); ++k) move_all(part(k), border(k));
      end = begin;
    }
  }

  void move_all(std::size_t begin, std::size_t end) {
    while (end-- > begin) move(end, take(end));
  }

  Bucket take(std::size_t bucket) {
    Bucket slots;
    Word* const line = slots_ + bucket * slots_of_a_bucket;
    std::memcpy(slots.data(), line, sizeof slots);
    std::memset(line, 0, sizeof slots);
    return slots;
  }

  // Nearly all were in the first bucket that was tried, and go where nearly nothing is.
  void move(std::size_t bucket, const Bucket& slots) {
    struct Moved {
      std::size_t bucket;
      Word slot;
    };
    std::array<Moved, slots_of_a_bucket> displaced;
    std::size_t count = 0;
    const bool is_home = bucket < homes_;
    Word* const lines = slots_ + (is_home ? 2 * bucket * slots_of_a_bucket : 0);
    std::array<std::size_t, 2> used{0, 0};
    for (std::size_t line = 0; is_home && line < 2; ++line)
      while (used[line] < slots_of_a_bucket && lines[line * slots_of_a_bucket + used[line]] != 0)
        ++used[line];
    for (const Word slot : slots) {
      if (slot == 0) break;
      const std::size_t tries = Mixing::tries_of(slot);
      const Word rest = (slot & ~(Mixing::occupied | Mixing::try_bits)) >> old_place_;
      const Word low = rest & ((Word{1} << old_rest_) - 1), high = rest >> old_rest_;
      const Word upper = low >> (old_rest_ - 1), lower = low & ((Word{1} << (old_rest_ - 1)) - 1);
      const Word moved =
          Mixing::occupied | (high << (old_rest_ - 1) | lower) << after_.place | (slot & old_payload_);
      if (tries == 0 && used[upper] < slots_of_a_bucket)
        lines[upper * slots_of_a_bucket + used[upper]++] = moved;
      else displaced[count++] = {(bucket - tries * (tries + 1) / 2) << 1 | upper, moved};
    }
    for (std::size_t d = 0; d < count; ++d) put(slots_, displaced[d].bucket, displaced[d].slot, after_.step);
  }

  Word* slots_;
  const Mixing& after_;
  std::size_t homes_;
  unsigned old_place_, old_rest_; // bits
  Word old_payload_;
};

} // namespace

void double_in_place(Word* slots, const Mixing& before, const Mixing& after, Crew* crew) {
  Doubling(slots, before, after).run(crew);
}

} // namespace tdxcheck::explore
