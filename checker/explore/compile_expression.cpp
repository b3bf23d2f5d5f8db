// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/compile_expression.h"

#include <algorithm>

#include "model/arithmetic.h"
#include "support/contract.h"

namespace tdxcheck::explore {

using model::BinaryOp;
using model::Expr;
using model::QuantifierKind;
using model::UnaryOp;
using model::Value;

namespace {

Op op_of(BinaryOp op) {
  switch (op) {
  case BinaryOp::logical_and:
  case BinaryOp::bit_and:
  case BinaryOp::intersect: return Op::bit_and;
  case BinaryOp::logical_or:
  case BinaryOp::bit_or:
  case BinaryOp::unite: return Op::bit_or;
  case BinaryOp::implies: return Op::implies;
  case BinaryOp::equal: return Op::equal;
  case BinaryOp::not_equal: return Op::not_equal;
  case BinaryOp::less: return Op::less;
  case BinaryOp::less_equal: return Op::less_equal;
  case BinaryOp::add: return Op::add;
  case BinaryOp::subtract: return Op::subtract;
  case BinaryOp::multiply: return Op::multiply;
  case BinaryOp::bit_xor: return Op::bit_xor;
  case BinaryOp::shift_left: return Op::shift_left;
  case BinaryOp::shift_right: return Op::shift_right;
  case BinaryOp::contains: return Op::contains;
  case BinaryOp::with: return Op::with;
  case BinaryOp::without: return Op::without;
  case BinaryOp::minus: return Op::bit_and_not;
  case BinaryOp::included: return Op::included;
  }
  support::ensures_internal(false, "every binary operator is compiled");
  return Op::take;
}

bool is_logic(BinaryOp op) {
  return op == BinaryOp::logical_and || op == BinaryOp::logical_or || op == BinaryOp::implies;
}

} // namespace

// ---- code

std::size_t ExpressionCompiler::emit(Instruction instruction) {
  code_.instructions.push_back(instruction);
  return code_.instructions.size() - 1;
}

void ExpressionCompiler::land(std::size_t jump) {
  code_.instructions[jump].x = static_cast<std::int32_t>(code_.instructions.size());
}

std::int32_t ExpressionCompiler::fresh() {
  const std::int32_t result = next_++;
  code_.registers = std::max(code_.registers, next_);
  return result;
}

std::int32_t ExpressionCompiler::in_register(const Operand& operand) {
  return operand.known ? code_.constant(*operand.known) : operand.place;
}

Operand ExpressionCompiler::computed(Op op, const Operand& a, const Operand& b) {
  const std::int32_t result = fresh();
  emit({op, result, in_register(a), in_register(b), 0, 0});
  return {result, {}};
}

// ---- nodes

class ExpressionCompiler::Nodes {
public:
  explicit Nodes(ExpressionCompiler& compiler) : compiler_(compiler) {}

  Operand operator()(const model::Literal& x) const { return known(x.value); }
  Operand operator()(const model::ParameterRef& x) const {
    return known(compiler_.instance_.valuation().parameters.at(x.parameter.value));
  }
  Operand operator()(const model::Kept& x) const {
    return known(compiler_.instance_.valuation().kept.at(x.guard.value) ? 1 : 0);
  }
  Operand operator()(const model::VariableRef& x) const {
    const Operand cell = compiler_.cell(x);
    if (cell.known) return {static_cast<std::int32_t>(*cell.known), {}};
    const std::int32_t result = compiler_.fresh();
    compiler_.emit({Op::load, result, cell.place, 0, 0, 0});
    return {result, {}};
  }
  Operand operator()(const model::Self&) const {
    support::ensures_internal(compiler_.surroundings_.self.has_value(),
                              "Self stands where a thread is known");
    return known(*compiler_.surroundings_.self);
  }
  Operand operator()(const model::BoundRef& x) const {
    const auto found = compiler_.surroundings_.bound.find(x.bound.number);
    support::ensures_internal(found != compiler_.surroundings_.bound.end(),
                              "a bound name stands where it is bound");
    return known(found->second);
  }
  Operand operator()(const model::Unary& x) const { return compiler_.unary(x.op, x.operand); }
  Operand operator()(const model::Binary& x) const {
    return is_logic(x.op) ? compiler_.logic(x.op, x.left, x.right) : compiler_.binary(x.op, x.left, x.right);
  }
  Operand operator()(const model::Conditional& x) const { return compiler_.conditional(x); }
  Operand operator()(const model::Wrap& x) const { return compiler_.wrapped(x); }
  Operand operator()(const model::Quantified& x) const {
    return x.kind == QuantifierKind::count ? compiler_.counted(x) : compiler_.quantified(x);
  }
  Operand operator()(const model::InRegion& x) const { return compiler_.in_region(x); }

private:
  ExpressionCompiler& compiler_;
};

Operand ExpressionCompiler::value(const Expr& e) { return std::visit(Nodes(*this), e.node().kind); }

// sum + member * stride, where the member must exist.
Operand ExpressionCompiler::member_of(const Operand& sum, const Operand& member, Value size, Value stride) {
  if (sum.known && member.known && 0 <= *member.known && *member.known < size) {
    return known(*sum.known + *member.known * stride);
  }
  const std::int32_t result = fresh();
  emit({Op::member, result, in_register(sum), in_register(member), static_cast<std::int32_t>(size),
        static_cast<std::int32_t>(stride)});
  return {result, {}};
}

Operand ExpressionCompiler::cell(const model::VariableRef& reference) {
  const auto& dimensions = instance_.dimensions(reference.variable);
  support::ensures_internal(reference.at.size() == dimensions.size(),
                            "a reference has an index for each dimension");
  Value stride = 1;
  std::vector<Value> strides(dimensions.size());
  for (std::size_t d = dimensions.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= instance_.size(dimensions[d]);
  }
  Operand sum = known(static_cast<Value>(instance_.first_cell(reference.variable)));
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    sum = member_of(sum, value(reference.at[d]), instance_.size(dimensions[d]), strides[d]);
  }
  return sum;
}

Operand ExpressionCompiler::unary(UnaryOp op, const Expr& operand) {
  const Operand a = value(operand);
  if (a.known) {
    if (const auto result = model::apply(op, *a.known)) return known(*result);
  }
  switch (op) {
  case UnaryOp::logical_not: return computed(Op::logical_not, a, a);
  case UnaryOp::negate: return computed(Op::negate, a, a);
  case UnaryOp::cardinality: return computed(Op::cardinality, a, a);
  }
  support::ensures_internal(false, "every unary operator is compiled");
  return {};
}

Operand ExpressionCompiler::binary(BinaryOp op, const Expr& left, const Expr& right) {
  const Operand a = value(left), b = value(right);
  if (a.known && b.known) {
    if (const auto result = model::apply(op, *a.known, *b.known)) return known(*result);
  }
  return computed(op_of(op), a, b);
}

// The right operand is compiled behind a jump; if it turns out to need no instruction of its own, the jump is
// taken back and both are combined.
Operand ExpressionCompiler::logic(BinaryOp op, const Expr& left, const Expr& right) {
  const Operand a = value(left);
  if (a.known) {
    if (const auto answer = model::decided_by_left(op, *a.known)) return known(*answer);
    return value(right);
  }
  const std::int32_t result = fresh();
  emit({op == BinaryOp::implies ? Op::logical_not : Op::copy, result, a.place, a.place, 0, 0});
  const std::size_t jump =
      emit({op == BinaryOp::logical_and ? Op::jump_if_zero : Op::jump_if_nonzero, 0, result, 0, 0, 0});
  const Operand b = value(right);
  if (b.known || code_.instructions.size() == jump + 1) {
    code_.instructions.resize(jump - 1);
    if (!b.known) return computed(op_of(op), a, b);
    if (const auto answer = model::decided_by_right(op, *b.known)) return known(*answer);
    return op == BinaryOp::implies ? computed(Op::logical_not, a, a) : a;
  }
  emit({Op::copy, result, b.place, 0, 0, 0});
  land(jump);
  return {result, {}};
}

Operand ExpressionCompiler::conditional(const model::Conditional& x) {
  const Operand condition = value(x.condition);
  if (condition.known) return value(*condition.known != 0 ? x.then : x.otherwise);
  const std::int32_t result = fresh();
  const std::size_t to_otherwise = emit({Op::jump_if_zero, 0, condition.place, 0, 0, 0});
  emit({Op::copy, result, in_register(value(x.then)), 0, 0, 0});
  const std::size_t to_end = emit({Op::jump, 0, 0, 0, 0, 0});
  land(to_otherwise);
  emit({Op::copy, result, in_register(value(x.otherwise)), 0, 0, 0});
  land(to_end);
  return {result, {}};
}

Operand ExpressionCompiler::wrapped(const model::Wrap& x) {
  const Operand width = value(x.width), operand = value(x.operand);
  support::ensures_internal(width.known && *width.known >= 1 && *width.known <= 62,
                            "a width is a constant, 1..62");
  const Value mask = (Value{1} << *width.known) - 1;
  if (operand.known) return known(*operand.known & mask);
  return computed(Op::bit_and, operand, known(mask));
}

} // namespace tdxcheck::explore
