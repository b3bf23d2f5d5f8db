// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/arithmetic.h"

#include <bit>

#include "support/contract.h"

namespace tdxcheck::model {
namespace {

constexpr Value bits_of_a_set = 62;

// By reference: the other argument, which the compiler may evaluate later, writes it.
std::optional<Value> unless(bool overflow, const Value& result) {
  if (overflow) return {};
  return result;
}

// Multiplication by a power of two.
std::optional<Value> shifted_left(Value a, Value places) {
  if (places < 0) return {};
  if (a == 0) return 0;
  if (places > 62)
    return places == 63 && a == -1 ? std::optional<Value>{Value(std::uint64_t{1} << 63)} : std::nullopt;
  Value result = 0;
  return unless(__builtin_mul_overflow(a, Value{1} << places, &result), result);
}

// Division by a power of two, rounding down.
std::optional<Value> shifted_right(Value a, Value places) {
  if (places < 0) return {};
  return a >> (places > 63 ? 63 : places);
}

std::optional<Value> member_bit(Value member) {
  if (member < 0 || member >= bits_of_a_set) return {};
  return Value{1} << member;
}

std::optional<Value> arithmetic(BinaryOp op, Value a, Value b) {
  Value result = 0;
  if (op == BinaryOp::add) return unless(__builtin_add_overflow(a, b, &result), result);
  if (op == BinaryOp::subtract) return unless(__builtin_sub_overflow(a, b, &result), result);
  return unless(__builtin_mul_overflow(a, b, &result), result);
}

} // namespace

std::optional<Value> apply(UnaryOp op, Value operand) {
  switch (op) {
  case UnaryOp::logical_not: return operand == 0 ? 1 : 0;
  case UnaryOp::negate: return arithmetic(BinaryOp::subtract, 0, operand);
  case UnaryOp::cardinality:
    return std::popcount(static_cast<std::uint64_t>(operand) & ((std::uint64_t{1} << bits_of_a_set) - 1));
  }
  support::ensures_internal(false, "every unary operator has a meaning");
  return {};
}

std::optional<Value> apply(BinaryOp op, Value a, Value b) {
  const auto bit = [&] { return member_bit(b); };
  switch (op) {
  case BinaryOp::logical_and: return a != 0 && b != 0;
  case BinaryOp::logical_or: return a != 0 || b != 0;
  case BinaryOp::implies: return a == 0 || b != 0;
  case BinaryOp::equal: return a == b;
  case BinaryOp::not_equal: return a != b;
  case BinaryOp::less: return a < b;
  case BinaryOp::less_equal: return a <= b;
  case BinaryOp::add:
  case BinaryOp::subtract:
  case BinaryOp::multiply: return arithmetic(op, a, b);
  case BinaryOp::bit_and:
  case BinaryOp::intersect: return a & b;
  case BinaryOp::bit_or:
  case BinaryOp::unite: return a | b;
  case BinaryOp::bit_xor: return a ^ b;
  case BinaryOp::shift_left: return shifted_left(a, b);
  case BinaryOp::shift_right: return shifted_right(a, b);
  case BinaryOp::contains: return bit() ? (a & *bit()) != 0 : false;
  case BinaryOp::with: return bit() ? std::optional<Value>{a | *bit()} : std::nullopt;
  case BinaryOp::without: return bit() ? std::optional<Value>{a & ~*bit()} : std::nullopt;
  case BinaryOp::minus: return a & ~b;
  case BinaryOp::included: return (a & ~b) == 0;
  }
  support::ensures_internal(false, "every binary operator has a meaning");
  return {};
}

std::optional<Value> wrap(Value width, Value operand) {
  if (width < 1 || width > 62) return {};
  return operand & ((Value{1} << width) - 1);
}

std::optional<Value> decided_by_left(BinaryOp op, Value left) {
  if (op == BinaryOp::logical_and && left == 0) return 0;
  if (op == BinaryOp::logical_or && left != 0) return 1;
  if (op == BinaryOp::implies && left == 0) return 1;
  return {};
}

std::optional<Value> decided_by_right(BinaryOp op, Value right) {
  if (op == BinaryOp::logical_and && right == 0) return 0;
  if (op == BinaryOp::logical_or && right != 0) return 1;
  if (op == BinaryOp::implies && right != 0) return 1;
  return {};
}

} // namespace tdxcheck::model
