// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// How large the parts of a model may be. Who reads models recurses over expressions, and JSON has levels too.

#include "model/expression.h"

#include <cstddef>

namespace tdxcheck::model {

inline constexpr Value most_members = 62; // of an index set: a subset is a mask in a signed 64-bit number
inline constexpr Value widest_bits = 62;

inline constexpr std::size_t most_expression_levels = 90; // a chain `a && b && c ...` is one level
inline constexpr std::size_t deepest_expression = 500;    // every node counted

// `a op b op c` is written in one breath: as one list in JSON, as one level here.
[[nodiscard]] constexpr bool forms_chains(BinaryOp op) {
  using enum BinaryOp;
  switch (op) {
  case logical_and:
  case logical_or:
  case add:
  case multiply:
  case bit_and:
  case bit_or:
  case bit_xor:
  case with:
  case without:
  case unite:
  case intersect: return true;
  case implies:
  case equal:
  case not_equal:
  case less:
  case less_equal:
  case subtract:
  case shift_left:
  case shift_right:
  case contains:
  case minus:
  case included: return false;
  }
  return false;
}

} // namespace tdxcheck::model
