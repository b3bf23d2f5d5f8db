// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Some fields of a packed state, gathered into one small number: the index into a table of what depends on
// nothing else. One `pext` per word where the processor has it.

#include <cstdint>
#include <vector>

#include "explore/layout.h"

namespace tdxcheck::explore {

// The bits of `word` under the mask, moved together at the low end.
[[nodiscard]] inline Word gather_bits_one_by_one(Word word, Word mask) {
  Word result = 0;
  for (Word place = 1; mask != 0; mask &= mask - 1, place <<= 1)
    if ((word & mask & -mask) != 0) result |= place;
  return result;
}

#if defined(__x86_64__) && defined(__GNUC__)
inline const bool has_pext = __builtin_cpu_supports("bmi2") != 0;
// By its name, so that the rest of the program still runs where the instruction is missing.
[[nodiscard]] inline Word gather_bits(Word word, Word mask) {
  if (!has_pext) return gather_bits_one_by_one(word, mask);
  Word result = 0;
  asm("pext %2, %1, %0" : "=r"(result) : "r"(word), "r"(mask)); // NOLINT(hicpp-no-assembler)
  return result;
}
#else
[[nodiscard]] inline Word gather_bits(Word word, Word mask) { return gather_bits_one_by_one(word, mask); }
#endif

class StateKey {
public:
  // Of the fields (by position in the layout) that are marked.
  StateKey(const Layout& layout, const std::vector<bool>& fields);

  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] std::size_t of(const Word* state) const {
    std::size_t result = 0;
    for (const Part& part : parts_) result |= gather_bits(state[part.word], part.mask) << part.shift;
    return result;
  }
  // How far the gathered bits of a word are shifted in the key.
  [[nodiscard]] unsigned shift(std::size_t word) const;
  // The bits of the fields, by word.
  [[nodiscard]] Word mask(std::size_t word) const;

private:
  struct Part {
    Word mask;
    std::uint32_t word;
    std::uint32_t shift; // of the gathered bits in the key
  };
  std::vector<Part> parts_;
  unsigned bits_ = 0;
};

} // namespace tdxcheck::explore
