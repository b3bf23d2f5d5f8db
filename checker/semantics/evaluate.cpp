// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/evaluate.h"

#include "support/contract.h"
#include "support/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

using model::Expr;
using model::Value;
using Known = std::optional<Value>;

constexpr Value bits_in_a_set = 62;

Value fits(bool overflow, Value result) {
  if (overflow) throw NoValue("a number does not fit into 64 bits");
  return result;
}

Value sum(Value a, Value b) {
  Value result = 0;
  const bool overflow = __builtin_add_overflow(a, b, &result);
  return fits(overflow, result);
}

Value difference(Value a, Value b) {
  Value result = 0;
  const bool overflow = __builtin_sub_overflow(a, b, &result);
  return fits(overflow, result);
}

Value product(Value a, Value b) {
  Value result = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &result);
  return fits(overflow, result);
}

// Multiplication by a power of two, and division by it that rounds down.
Value shifted_left(Value a, Value places) {
  if (places < 0) throw NoValue("a shift by a negative number of places");
  for (Value i = 0; i < places && a != 0; ++i) a = product(a, 2);
  return a;
}

Value shifted_right(Value a, Value places) {
  if (places < 0) throw NoValue("a shift by a negative number of places");
  return a >> std::min<Value>(places, 63);
}

Value one_member(Value member) {
  if (member < 0 || member >= bits_in_a_set) throw NoValue("a set cannot hold a member that does not exist");
  return Value{1} << member;
}

bool has_member(Value set, Value member) {
  return member >= 0 && member < bits_in_a_set && (set >> member & 1) != 0;
}

Value apply(model::BinaryOp op, Value a, Value b) {
  using enum model::BinaryOp;
  switch (op) {
  case logical_and: return a != 0 && b != 0;
  case logical_or: return a != 0 || b != 0;
  case implies: return a == 0 || b != 0;
  case equal: return a == b;
  case not_equal: return a != b;
  case less: return a < b;
  case less_equal: return a <= b;
  case add: return sum(a, b);
  case subtract: return difference(a, b);
  case multiply: return product(a, b);
  case bit_and: return a & b;
  case bit_or: return a | b;
  case bit_xor: return a ^ b;
  case shift_left: return shifted_left(a, b);
  case shift_right: return shifted_right(a, b);
  case contains: return has_member(a, b);
  case with: return a | one_member(b);
  case without: return a & ~one_member(b);
  case unite: return a | b;
  case intersect: return a & b;
  case minus: return a & ~b;
  case included: return (a & ~b) == 0;
  }
  throw support::InternalError("a binary operator without a meaning");
}

// Whether the left operand alone decides a logical operator, and how.
Known decided_by(model::BinaryOp op, Value left) {
  if (op == model::BinaryOp::logical_and && left == 0) return 0;
  if (op == model::BinaryOp::logical_or && left != 0) return 1;
  if (op == model::BinaryOp::implies && left == 0) return 1;
  return {};
}

// Whether the right operand alone does, where the left one is not known.
Known decided_from_the_right(model::BinaryOp op, Value right) {
  if (op == model::BinaryOp::logical_and && right == 0) return 0;
  if (op == model::BinaryOp::logical_or && right != 0) return 1;
  if (op == model::BinaryOp::implies && right != 0) return 1;
  return {};
}

// One function per kind of node.
struct Look {
  const Environment& here;

  Known at(const Expr& e) const { return std::visit(*this, e.node().kind); }

  Known operator()(const model::Literal& literal) const { return literal.value; }
  Known operator()(const model::ParameterRef& reference) const {
    return here.instance.valuation().parameters.at(reference.parameter.value);
  }
  Known operator()(const model::Kept& kept) const {
    return here.instance.valuation().kept.at(kept.guard.value) ? 1 : 0;
  }
  Known operator()(const model::VariableRef& reference) const {
    if (here.state == nullptr) return {};
    return here.state->cells.at(cell_of(here, reference));
  }
  Known operator()(const model::Self&) const { return here.self; }
  Known operator()(const model::BoundRef& reference) const {
    const auto found = here.bound.find(reference.bound.number);
    return found == here.bound.end() ? Known{} : Known{found->second};
  }

  Known operator()(const model::Unary& unary) const {
    const Known operand = at(unary.operand);
    if (!operand) return {};
    switch (unary.op) {
    case model::UnaryOp::logical_not: return *operand == 0 ? 1 : 0;
    case model::UnaryOp::negate: return difference(0, *operand);
    case model::UnaryOp::cardinality: {
      Value members = 0;
      for (Value m = 0; m < bits_in_a_set; ++m) members += has_member(*operand, m) ? 1 : 0;
      return members;
    }
    }
    throw support::InternalError("a unary operator without a meaning");
  }

  Known operator()(const model::Binary& binary) const {
    const Known left = at(binary.left);
    if (left) {
      if (const Known answer = decided_by(binary.op, *left)) return answer;
    }
    const Known right = at(binary.right);
    if (left && right) return apply(binary.op, *left, *right);
    return right ? decided_from_the_right(binary.op, *right) : Known{};
  }

  Known operator()(const model::Conditional& conditional) const {
    const Known condition = at(conditional.condition);
    if (!condition) return {};
    return at(*condition != 0 ? conditional.then : conditional.otherwise);
  }

  Known operator()(const model::Wrap& wrap) const {
    const Known width = at(wrap.width);
    const Known operand = at(wrap.operand);
    if (!width || !operand) return {};
    const Value modulus = shifted_left(1, *width);
    const Value remainder = *operand % modulus;
    return remainder < 0 ? remainder + modulus : remainder;
  }

  Known operator()(const model::Quantified& quantified) const {
    Value yes = 0, unknown = 0;
    const Value size = here.instance.size(quantified.over);
    for (Value member = 0; member < size; ++member) {
      Environment inside = here;
      inside.bound[quantified.bound.number] = member;
      const Known body = Look{inside}.at(quantified.body);
      if (!body) ++unknown;
      else if (*body != 0) ++yes;
      // Like `and` and `or`: what comes after the answer is not looked at.
      if (quantified.kind == model::QuantifierKind::for_all && body && *body == 0) return 0;
      if (quantified.kind == model::QuantifierKind::exists && yes > 0) return 1;
    }
    if (unknown > 0) return {};
    switch (quantified.kind) {
    case model::QuantifierKind::for_all: return yes == size ? 1 : 0;
    case model::QuantifierKind::exists: return yes > 0 ? 1 : 0;
    case model::QuantifierKind::count: return yes;
    }
    throw support::InternalError("a quantifier without a meaning");
  }

  Known operator()(const model::InRegion& in) const {
    if (here.state == nullptr) return {};
    const model::Region& region = here.instance.model().regions[in.region];
    Value member = 0;
    if (!in.member.empty()) {
      const Known known = at(in.member.front());
      if (!known) return {};
      member = *known;
    }
    const model::Thread& thread = here.instance.model().threads[region.thread];
    const Value members = thread.over ? here.instance.size(*thread.over) : 1;
    if (member < 0 || member >= members)
      throw NoValue(fmt::format("`{}` has no member {}", thread.name, member));
    const auto label = here.state->at.at(here.instance.thread(region.thread, member));
    return std::find(region.labels.begin(), region.labels.end(), label) != region.labels.end() ? 1 : 0;
  }
};

} // namespace

Known evaluate_if_known(const Environment& environment, const Expr& expression) {
  return Look{environment}.at(expression);
}

Value evaluate(const Environment& environment, const Expr& expression) {
  const Known value = evaluate_if_known(environment, expression);
  support::ensures_internal(value.has_value(), "an expression is evaluated where all that it names is known");
  return *value;
}

std::vector<Value> evaluate(const Environment& environment, std::span<const Expr> expressions) {
  std::vector<Value> values;
  for (const Expr& e : expressions) values.push_back(evaluate(environment, e));
  return values;
}

std::size_t cell_of(const Environment& environment, const model::VariableRef& reference) {
  const std::vector<Value> at = evaluate(environment, reference.at);
  const auto& dimensions = environment.instance.dimensions(reference.variable);
  for (std::size_t i = 0; i < at.size() && i < dimensions.size(); ++i) {
    if (at[i] >= 0 && at[i] < environment.instance.size(dimensions[i])) continue;
    const auto& variable = environment.instance.model().variables[reference.variable];
    const auto& set = environment.instance.model().sets[dimensions[i]];
    const std::string member = at[i] == model::no_member ? "none" : std::to_string(at[i]);
    throw NoValue(
        fmt::format("`{}` is used at {}, which is no member of `{}`", variable.name, member, set.name));
  }
  return environment.instance.cell(reference.variable, at);
}

std::optional<bool> guard_of(const Environment& environment, const model::Step& step) {
  bool all_known = true;
  if (!step.guard.empty()) {
    const Known guard = evaluate_if_known(environment, step.guard);
    if (guard && *guard == 0) return false;
    all_known = guard.has_value();
  }
  for (const model::NamedConjunct& conjunct : step.named) {
    if (!environment.instance.valuation().kept.at(conjunct.guard.value)) continue;
    const Known condition = evaluate_if_known(environment, conjunct.condition);
    if (condition && *condition == 0) return false;
    all_known = all_known && condition.has_value();
  }
  return all_known ? std::optional<bool>{true} : std::nullopt;
}

} // namespace tdxcheck::semantics
