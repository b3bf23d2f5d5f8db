// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/interval.h"

#include "model/print.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace tdxcheck::emit {
namespace {

using model::Expr;
using model::Value;
using Bound = std::optional<Value>;

constexpr Value most_places = 62;

struct Bounds {
  const model::Instance& instance;
  const Members& members;
  std::optional<Value> self;
  const OpenSetTest& is_open;
  const Expr& whole;

  [[nodiscard]] Interval of(const Expr& e) const {
    return std::visit(Bounds{instance, members, self, is_open, e}, e.node().kind);
  }
  [[nodiscard]] bool open(std::uint32_t set) const {
    return is_open && is_open(model::Id<model::IndexSet>{set});
  }

  [[noreturn]] void refuse() const {
    throw support::InputError(
        fmt::format("`{}` may have a value of more than 64 bits", model::print(instance.model(), whole)));
  }
  template <class Operation>
  [[nodiscard]] Bound fitting(const Bound& a, const Bound& b, Operation overflows) const {
    if (!a || !b) return {};
    Value result = 0;
    if (overflows(*a, *b, &result)) refuse();
    return result;
  }
  [[nodiscard]] Bound sum(const Bound& a, const Bound& b) const {
    return fitting(a, b, [](Value x, Value y, Value* z) { return __builtin_add_overflow(x, y, z); });
  }
  [[nodiscard]] Bound difference(const Bound& a, const Bound& b) const {
    return fitting(a, b, [](Value x, Value y, Value* z) { return __builtin_sub_overflow(x, y, z); });
  }
  [[nodiscard]] Interval product(const Interval& a, const Interval& b) const {
    if (!a.low || !a.high || !b.low || !b.high) {
      const bool positive = a.low && *a.low >= 0 && b.low && *b.low >= 0;
      return positive ? Interval{0, {}} : Interval{};
    }
    std::vector<Value> corners;
    for (const Value x : {*a.low, *a.high})
      for (const Value y : {*b.low, *b.high})
        corners.push_back(
            *fitting(x, y, [](Value m, Value n, Value* z) { return __builtin_mul_overflow(m, n, z); }));
    const auto [least, most] = std::ranges::minmax(corners);
    return {least, most};
  }

  // Bitwise: of numbers that are not negative, no bit above the highest is set; of others, the sign spreads.
  [[nodiscard]] static Interval bitwise(bool is_and, const Interval& a, const Interval& b) {
    const bool a_positive = a.low && *a.low >= 0, b_positive = b.low && *b.low >= 0;
    if (is_and && a_positive && b_positive && a.high && b.high) return {0, std::min(*a.high, *b.high)};
    if (is_and && a_positive) return {0, a.high};
    if (is_and && b_positive) return {0, b.high};
    if (!a.low || !a.high || !b.low || !b.high)
      return a_positive && b_positive ? Interval{0, {}} : Interval{};
    const auto magnitude = [](Value v) { return static_cast<std::uint64_t>(v < 0 ? ~v : v); };
    const int length =
        std::bit_width(magnitude(*a.low) | magnitude(*a.high) | magnitude(*b.low) | magnitude(*b.high));
    const Value most = length >= 63 ? std::numeric_limits<Value>::max() : (Value{1} << length) - 1;
    return {a_positive && b_positive ? 0 : -most - 1, most};
  }

  [[nodiscard]] Interval shifted_left(const Interval& a, const Interval& places) const {
    if (!places.low || !places.high || *places.high > most_places) {
      if (a == Interval{0, 0}) return a;
      if (places.low && places.high && a.low && a.high) refuse();
      return a.low && *a.low >= 0 ? Interval{0, {}} : Interval{};
    }
    const Value least = std::max<Value>(*places.low, 0), most = std::max<Value>(*places.high, 0);
    return product(a, {Value{1} << least, Value{1} << most});
  }

  [[nodiscard]] static Interval shifted_right(const Interval& a, const Interval& places) {
    if (!a.low || !a.high) return a.low && *a.low >= 0 ? Interval{0, {}} : Interval{};
    const Value least = std::clamp<Value>(places.low.value_or(0), 0, 63);
    const Value most = std::clamp<Value>(places.high.value_or(63), 0, 63);
    return {std::min(*a.low >> least, *a.low >> most), std::max(*a.high >> least, *a.high >> most)};
  }

  Interval operator()(const model::Literal& e) const { return {e.value, e.value}; }
  // `--any` means every number from 0 on.
  Interval operator()(const model::ParameterRef&) const {
    return whole.sort().kind == model::SortKind::boolean ? Interval{0, 1} : Interval{0, {}};
  }
  Interval operator()(const model::Kept&) const { return {0, 1}; }
  Interval operator()(const model::VariableRef& e) const { return range_of(instance, e.variable, is_open); }
  Interval operator()(const model::Self&) const {
    if (open(whole.sort().of)) return {0, {}};
    return self ? Interval{self, self} : Interval{0, most_places - 1};
  }
  Interval operator()(const model::BoundRef& e) const {
    if (open(whole.sort().of)) return {0, {}};
    const Value member = members.at(e.bound.number);
    return {member, member};
  }
  Interval operator()(const model::Unary& e) const {
    switch (e.op) {
    case model::UnaryOp::logical_not: return {0, 1};
    case model::UnaryOp::negate: {
      const Interval operand = of(e.operand);
      return {difference(0, operand.high), difference(0, operand.low)};
    }
    case model::UnaryOp::cardinality: break;
    }
    if (open(e.operand.sort().of)) return {0, {}};
    return {0, instance.size(model::Id<model::IndexSet>{e.operand.sort().of})};
  }
  Interval operator()(const model::Binary& e) const {
    using enum model::BinaryOp;
    switch (e.op) {
    case logical_and:
    case logical_or:
    case implies:
    case equal:
    case not_equal:
    case less:
    case less_equal:
    case contains:
    case included: return {0, 1};
    case with:
    case without:
    case unite:
    case intersect:
    case minus: return {0, (Value{1} << instance.size(model::Id<model::IndexSet>{whole.sort().of})) - 1};
    case add:
    case subtract:
    case multiply:
    case bit_and:
    case bit_or:
    case bit_xor:
    case shift_left:
    case shift_right: break;
    }
    const Interval a = of(e.left), b = of(e.right);
    if (e.op == add) return {sum(a.low, b.low), sum(a.high, b.high)};
    if (e.op == subtract) return {difference(a.low, b.high), difference(a.high, b.low)};
    if (e.op == multiply) return product(a, b);
    if (e.op == shift_left) return shifted_left(a, b);
    if (e.op == shift_right) return shifted_right(a, b);
    return bitwise(e.op == bit_and, a, b);
  }
  Interval operator()(const model::Conditional& e) const {
    const Interval a = of(e.then), b = of(e.otherwise);
    const auto either = [](const Bound& x, const Bound& y, bool least) -> Bound {
      if (!x || !y) return {};
      return least ? std::min(*x, *y) : std::max(*x, *y);
    };
    return {either(a.low, b.low, true), either(a.high, b.high, false)};
  }
  Interval operator()(const model::Wrap& e) const {
    const Value width = model::evaluate_constant(instance.model(), instance.valuation(), e.width);
    return {0, (Value{1} << width) - 1};
  }
  Interval operator()(const model::Quantified& e) const {
    if (e.kind != model::QuantifierKind::count) return {0, 1};
    if (open(e.over.value)) return {0, {}};
    return {0, instance.size(e.over)};
  }
  Interval operator()(const model::InRegion&) const { return {0, 1}; }
};

} // namespace

Interval interval_of(const model::Instance& instance, const Expr& expression, const Members& members,
                     std::optional<Value> self, const OpenSetTest& is_open) {
  return std::visit(Bounds{instance, members, self, is_open, expression}, expression.node().kind);
}

Interval range_of(const model::Instance& instance, model::Id<model::Variable> variable,
                  const OpenSetTest& is_open) {
  const auto& type = instance.model().variables[variable].type.scalar;
  if (const auto* integer = std::get_if<model::IntegerType>(&type)) {
    const Interval low = interval_of(instance, integer->low, {}, {}, is_open);
    const Interval high = interval_of(instance, integer->high, {}, {}, is_open);
    return {low.low, high.high};
  }
  const model::Cell& cell = instance.cells()[instance.first_cell(variable)];
  const model::Sort sort = model::sort_of(type);
  const bool is_index = sort.kind == model::SortKind::index || sort.kind == model::SortKind::optional_index;
  if (is_index && is_open && is_open(model::Id<model::IndexSet>{sort.of})) return {cell.low, {}};
  return {cell.low, cell.high};
}

} // namespace tdxcheck::emit
