// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How values become Z3 sorts; ENCODINGS.md has what each costs.

#include <cstdint>

namespace tdxcheck::prove {

enum class Finite : std::uint8_t { datatype, bits, integer }; // labels and enumerations
enum class Numbers : std::uint8_t { bits, integer };          // of a known range; the others are integers

struct Style {
  Finite finite = Finite::datatype;
  Numbers numbers = Numbers::bits;
  // Not 0: free integers have only so many values, from the lowest up; of one, it is the valuation's. Then
  // all is finite, which is what lemmas are looked for in; a proof is made without.
  std::int64_t few_values = 0;
};

} // namespace tdxcheck::prove
