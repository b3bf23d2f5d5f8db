// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What an operator makes of known operands: shared by those who fold and those who compile. The reference
// interpreter in semantics/ has its own, on purpose.

#include <cstdint>
#include <optional>

#include "model/expression.h"

namespace tdxcheck::model {

// Nothing where the operator has no value: an overflow of 64 bits, a negative shift, a member that no set can
// hold.
[[nodiscard]] std::optional<Value> apply(UnaryOp op, Value operand);
[[nodiscard]] std::optional<Value> apply(BinaryOp op, Value left, Value right);
// operand modulo 2^width.
[[nodiscard]] std::optional<Value> wrap(Value width, Value operand);

// Whether the left (right) operand alone decides a logical operator, and how.
[[nodiscard]] std::optional<Value> decided_by_left(BinaryOp op, Value left);
[[nodiscard]] std::optional<Value> decided_by_right(BinaryOp op, Value right);

} // namespace tdxcheck::model
