// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/term.h"

#include <algorithm>
#include <limits>

#include "model/arithmetic.h"
#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Value;
using Wide = __int128;

constexpr Value longest_case_distinction = 64;

struct Bounds {
  Value low, high;
};

Bounds narrowed(Wide low, Wide high) {
  if (low < std::numeric_limits<Value>::min() || high > std::numeric_limits<Value>::max())
    throw support::InputError("a number that may leave 64 bits cannot be encoded for the prover");
  return {static_cast<Value>(low), static_cast<Value>(high)};
}

Bounds bounds_of(BinaryOp op, const Term& a, const Term& b) {
  const Wide al = a.low, ah = a.high, bl = b.low, bh = b.high;
  if (op == BinaryOp::add) return narrowed(al + bl, ah + bh);
  if (op == BinaryOp::subtract) return narrowed(al - bh, ah - bl);
  const Wide corners[] = {al * bl, al * bh, ah * bl, ah * bh};
  return narrowed(*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4));
}

Bounds hull(const Term& a, const Term& b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

[[noreturn]] void refuse_bitwise() {
  throw support::InputError(
      "a bitwise operator on a number whose range depends on a free parameter cannot be encoded");
}

} // namespace

unsigned width_of(Value low, Value high) {
  unsigned width = 1;
  if (low >= 0) {
    while (width < 63 && (high >> width) != 0) ++width;
    return width;
  }
  while (width < 64 && (low < -(Wide{1} << (width - 1)) || high >= (Wide{1} << (width - 1)))) ++width;
  return width;
}

Term Terms::bits(z3::expr value, Value low, Value high) const {
  return {TermKind::bits, std::move(value), low, high};
}

Term Terms::number(Value value) const {
  const unsigned width = width_of(value, value);
  return bits(context_.bv_val(static_cast<std::int64_t>(value), width), value, value);
}

z3::expr Terms::both(const z3::expr& a, const z3::expr& b) const {
  if (a.is_false() || b.is_true()) return a;
  if (b.is_false() || a.is_true()) return b;
  return a && b;
}

z3::expr Terms::either(const z3::expr& a, const z3::expr& b) const {
  if (a.is_true() || b.is_false()) return a;
  if (b.is_true() || a.is_false()) return b;
  return a || b;
}

z3::expr Terms::negated(const z3::expr& a) const {
  if (a.is_true()) return context_.bool_val(false);
  if (a.is_false()) return context_.bool_val(true);
  return !a;
}

z3::expr Terms::choose(const z3::expr& condition, const z3::expr& then, const z3::expr& otherwise) const {
  if (condition.is_true() || z3::eq(then, otherwise)) return then;
  if (condition.is_false()) return otherwise;
  return z3::ite(condition, then, otherwise);
}

std::optional<z3::expr> Terms::both_defined(const std::optional<z3::expr>& a,
                                            const std::optional<z3::expr>& b) const {
  if (!a) return b;
  if (!b) return a;
  return both(*a, *b);
}

z3::expr Terms::resized(const Term& term, Value low, Value high) const {
  support::ensures_internal(term.kind == TermKind::bits, "only a bit-vector has a width");
  const unsigned width = width_of(low, high), now = term.value.get_sort().bv_size();
  if (term.is_known()) return context_.bv_val(static_cast<std::int64_t>(term.low), width);
  if (now == width) return term.value;
  if (now > width) return term.value.extract(width - 1, 0);
  return term.low < 0 ? z3::sext(term.value, width - now) : z3::zext(term.value, width - now);
}

z3::expr Terms::as_integer(const Term& term) const {
  if (term.kind == TermKind::integer) return term.value;
  support::ensures_internal(term.kind == TermKind::bits, "only a number is an integer");
  if (term.is_known()) return context_.int_val(static_cast<std::int64_t>(term.low));
  // bv2int is slow, and a range is short as a rule.
  if (Wide{term.high} - term.low < longest_case_distinction) {
    z3::expr value = context_.int_val(static_cast<std::int64_t>(term.high));
    for (Value v = term.high - 1; v >= term.low; --v)
      value = z3::ite(equal(term, number(v)), context_.int_val(static_cast<std::int64_t>(v)), value);
    return value;
  }
  return z3::bv2int(term.value, term.low < 0);
}

z3::expr Terms::equal(const Term& a, const Term& b) const {
  if (a.kind == TermKind::truth || a.kind == TermKind::constant) {
    if (a.value.is_true()) return b.value;
    if (b.value.is_true()) return a.value;
    if (a.value.is_false()) return negated(b.value);
    if (b.value.is_false()) return negated(a.value);
    if (z3::eq(a.value, b.value)) return context_.bool_val(true);
    return a.value == b.value;
  }
  const z3::expr numbers = equal_numbers(a, b);
  return a.unnamed && b.unnamed ? both(numbers, *a.unnamed == *b.unnamed) : numbers;
}

z3::expr Terms::equal_numbers(const Term& a, const Term& b) const {
  if (a.kind == TermKind::integer || b.kind == TermKind::integer) return as_integer(a) == as_integer(b);
  if (a.high < b.low || b.high < a.low) return context_.bool_val(false);
  if (a.is_known() && b.is_known()) return context_.bool_val(true);
  const Bounds all = hull(a, b);
  return resized(a, all.low, all.high) == resized(b, all.low, all.high);
}

z3::expr Terms::less_equal(const Term& a, const Term& b) const {
  if (a.kind == TermKind::integer || b.kind == TermKind::integer) return as_integer(a) <= as_integer(b);
  if (a.high <= b.low) return context_.bool_val(true);
  if (a.low > b.high) return context_.bool_val(false);
  const Bounds all = hull(a, b);
  const z3::expr left = resized(a, all.low, all.high), right = resized(b, all.low, all.high);
  return all.low < 0 ? z3::sle(left, right) : z3::ule(left, right);
}

z3::expr Terms::less(const Term& a, const Term& b) const { return negated(less_equal(b, a)); }

Term Terms::arithmetic(BinaryOp op, const Term& a, const Term& b) const {
  if (a.kind == TermKind::integer || b.kind == TermKind::integer) {
    const z3::expr left = as_integer(a), right = as_integer(b);
    if (op == BinaryOp::add) return {TermKind::integer, left + right};
    if (op == BinaryOp::subtract) return {TermKind::integer, left - right};
    return {TermKind::integer, left * right};
  }
  const Bounds all = bounds_of(op, a, b);
  if (all.low == all.high) return number(all.low);
  // Modulo the width of the result, so that operands may be cut off.
  const z3::expr left = resized(a, all.low, all.high), right = resized(b, all.low, all.high);
  if (op == BinaryOp::add) return bits(left + right, all.low, all.high);
  if (op == BinaryOp::subtract) return bits(left - right, all.low, all.high);
  return bits(left * right, all.low, all.high);
}

Term Terms::bitwise(BinaryOp op, const Term& a, const Term& b) const {
  if (a.kind != TermKind::bits || b.kind != TermKind::bits) refuse_bitwise();
  if (a.is_known() && b.is_known()) return number(*model::apply(op, a.low, b.low));
  Bounds all = hull(a, b);
  const unsigned width = width_of(all.low, all.high);
  z3::expr left = resized(a, all.low, all.high), right = resized(b, all.low, all.high);
  if (all.low < 0)
    all = {static_cast<Value>(-(Wide{1} << (width - 1))), static_cast<Value>((Wide{1} << (width - 1)) - 1)};
  else all = {0, static_cast<Value>((Wide{1} << width) - 1)};
  switch (op) {
  case BinaryOp::bit_or:
  case BinaryOp::unite: return bits(left | right, all.low, all.high);
  case BinaryOp::bit_xor: return bits(left ^ right, all.low, all.high);
  case BinaryOp::minus: return bits(left & ~right, all.low, all.high);
  default: return bits(left & right, all.low, all.high);
  }
}

// Multiplied or divided by a power of two; a case for each number of places.
Term Terms::shifted(BinaryOp op, const Term& a, const Term& b) const {
  if (a.kind != TermKind::bits || b.kind != TermKind::bits) refuse_bitwise();
  if (Wide{b.high} - b.low >= longest_case_distinction)
    throw support::InputError("a shift by a number of more than 64 values cannot be encoded");
  const auto by = [&](Value places) -> Term {
    if (op == BinaryOp::shift_left) {
      if (places > 61) throw support::InputError("a shift by more than 61 places cannot be encoded");
      return arithmetic(BinaryOp::multiply, a, number(Value{1} << places));
    }
    const Value most = std::min<Value>(places, 63);
    const unsigned width = a.value.get_sort().bv_size();
    const z3::expr amount = context_.bv_val(static_cast<unsigned>(std::min<Value>(most, width)), width + 7);
    // Wide enough for the number of places.
    const z3::expr wide = a.low < 0 ? z3::sext(a.value, 7) : z3::zext(a.value, 7);
    const z3::expr moved = a.low < 0 ? z3::ashr(wide, amount) : z3::lshr(wide, amount);
    const Value low = a.low >> most, high = a.high >> most;
    if (low == high) return number(low);
    return bits(moved.extract(width_of(low, high) - 1, 0), low, high);
  };
  Term result = by(std::max<Value>(b.high, 0));
  for (Value places = b.high - 1; places >= std::max<Value>(b.low, 0); --places)
    result = conditional(truth(equal(b, number(places))), by(places), result);
  if (b.low < 0) result.defined = less_equal(number(0), b);
  return result;
}

Term Terms::member(BinaryOp op, const Term& set, const Term& index, Value members) const {
  support::ensures_internal(set.kind == TermKind::bits && index.kind == TermKind::bits,
                            "subsets and members are bit-vectors");
  const Value most = static_cast<Value>((Wide{1} << members) - 1);
  const z3::expr all = resized(set, 0, most);
  z3::expr holds = context_.bool_val(false);
  z3::expr one = context_.bv_val(0, width_of(0, most));
  for (Value m = std::max<Value>(index.low, 0); m <= index.high && m < members; ++m) {
    const z3::expr is_it = equal(index, number(m));
    const auto place = static_cast<unsigned>(m);
    holds = either(holds, both(is_it, all.extract(place, place) == context_.bv_val(1, 1)));
    one = choose(is_it, resized(number(Value{1} << m), 0, most), one);
  }
  if (op == BinaryOp::contains) return truth(holds);
  Term result = bits(op == BinaryOp::with ? all | one : all & ~one, 0, most);
  if (index.low < 0) result.defined = less_equal(number(0), index);
  return result;
}

Term Terms::without_definedness(BinaryOp op, const Term& a, const Term& b, Value members) const {
  switch (op) {
  case BinaryOp::logical_and: return truth(both(a.value, b.value));
  case BinaryOp::logical_or: return truth(either(a.value, b.value));
  case BinaryOp::implies: return truth(implies(a.value, b.value));
  case BinaryOp::equal: return truth(equal(a, b));
  case BinaryOp::not_equal: return truth(negated(equal(a, b)));
  case BinaryOp::less: return truth(less(a, b));
  case BinaryOp::less_equal: return truth(less_equal(a, b));
  case BinaryOp::add:
  case BinaryOp::subtract:
  case BinaryOp::multiply: return arithmetic(op, a, b);
  case BinaryOp::bit_and:
  case BinaryOp::bit_or:
  case BinaryOp::bit_xor:
  case BinaryOp::unite:
  case BinaryOp::intersect:
  case BinaryOp::minus: return bitwise(op, a, b);
  case BinaryOp::shift_left:
  case BinaryOp::shift_right: return shifted(op, a, b);
  case BinaryOp::contains:
  case BinaryOp::with:
  case BinaryOp::without: return member(op, a, b, members);
  case BinaryOp::included: return truth(equal(bitwise(BinaryOp::minus, a, b), number(0)));
  }
  support::ensures_internal(false, "every binary operator is encoded");
  return a;
}

Term Terms::apply(BinaryOp op, const Term& a, const Term& b, Value members) const {
  Term result = without_definedness(op, a, b, members);
  // The second operand of a logical operator is looked at only if the first leaves the answer open.
  std::optional<z3::expr> right = b.defined;
  if (right && (op == BinaryOp::logical_and || op == BinaryOp::implies)) right = implies(a.value, *right);
  if (right && op == BinaryOp::logical_or) right = either(a.value, *right);
  result.defined = both_defined(result.defined, both_defined(a.defined, right));
  return result;
}

Term Terms::apply(model::UnaryOp op, const Term& operand, Value members) const {
  Term result = operand;
  switch (op) {
  case model::UnaryOp::logical_not: result = truth(negated(operand.value)); break;
  case model::UnaryOp::negate: result = arithmetic(BinaryOp::subtract, number(0), operand); break;
  case model::UnaryOp::cardinality:
    result = number(0);
    for (Value m = 0; m < members; ++m)
      result = arithmetic(
          BinaryOp::add, result,
          conditional(member(BinaryOp::contains, operand, number(m), members), number(1), number(0)));
    break;
  }
  result.defined = operand.defined;
  return result;
}

Term Terms::conditional(const Term& condition, const Term& then, const Term& otherwise) const {
  std::optional<z3::expr> defined = condition.defined;
  if (then.defined) defined = both_defined(defined, implies(condition.value, *then.defined));
  if (otherwise.defined) defined = both_defined(defined, either(condition.value, *otherwise.defined));
  Term result = then;
  if (condition.value.is_false()) result = otherwise;
  else if (!condition.value.is_true()) {
    if (then.kind == TermKind::bits && otherwise.kind == TermKind::bits) {
      const Bounds all = hull(then, otherwise);
      if (all.low == all.high) result = number(all.low);
      else
        result = bits(
            choose(condition.value, resized(then, all.low, all.high), resized(otherwise, all.low, all.high)),
            all.low, all.high);
    } else if (then.kind == TermKind::integer || otherwise.kind == TermKind::integer) {
      result = {TermKind::integer, choose(condition.value, as_integer(then), as_integer(otherwise))};
    } else {
      result = {then.kind, choose(condition.value, then.value, otherwise.value)};
    }
    if (then.unnamed && otherwise.unnamed)
      result.unnamed = choose(condition.value, *then.unnamed, *otherwise.unnamed);
  }
  result.defined = defined;
  return result;
}

Term Terms::wrap(Value width, const Term& operand) const {
  const Value most = static_cast<Value>((Wide{1} << width) - 1);
  Term result = operand;
  if (operand.is_known()) {
    result = number(*model::wrap(width, operand.low));
  } else if (operand.kind == TermKind::integer) {
    result = bits(z3::int2bv(static_cast<unsigned>(width), operand.value), 0, most);
  } else if (operand.low < 0 || operand.high > most) {
    result = bits(resized(operand, 0, most), 0, most);
  }
  result.defined = operand.defined;
  return result;
}

} // namespace tdxcheck::prove
