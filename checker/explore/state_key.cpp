// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/state_key.h"

#include <bit>

namespace tdxcheck::explore {

StateKey::StateKey(const Layout& layout, const std::vector<bool>& fields) {
  std::vector<Word> masks(layout.words(), 0);
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const Field& field = layout.fields()[f];
    if (fields[f] && field.width != 0) masks[field.word] |= field.mask() << field.shift;
  }
  for (std::size_t w = 0; w < masks.size(); ++w) {
    if (masks[w] == 0) continue;
    parts_.push_back({masks[w], static_cast<std::uint32_t>(w), bits_});
    bits_ += static_cast<unsigned>(std::popcount(masks[w]));
  }
}

unsigned StateKey::shift(std::size_t word) const {
  for (const Part& part : parts_)
    if (part.word == word) return part.shift;
  return 0;
}

Word StateKey::mask(std::size_t word) const {
  for (const Part& part : parts_)
    if (part.word == word) return part.mask;
  return 0;
}

} // namespace tdxcheck::explore
