// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/expression.h"

#include "support/contract.h"

namespace tdxcheck::model {

const Sort& Expr::sort() const {
  support::expects(node_ != nullptr, "an empty expression has no sort");
  return node_->sort;
}

bool operator==(const Expr& a, const Expr& b) {
  if (a.node_ == b.node_) return true;
  return a.node_ != nullptr && b.node_ != nullptr && *a.node_ == *b.node_;
}

Expr make(Sort sort, NodeKind kind) {
  return Expr(std::make_shared<const Node>(Node{sort, std::move(kind)}));
}

Expr literal(Sort sort, Value value) { return make(sort, Literal{value}); }
Expr truth(bool value) { return literal({SortKind::boolean, 0}, value ? 1 : 0); }
Expr integer(Value value) { return literal({SortKind::integer, 0}, value); }

Expr negation(Expr a) { return unary(UnaryOp::logical_not, std::move(a)); }

Expr conjunction(Expr a, Expr b) {
  if (a.empty() || is_true(a)) return b.empty() ? truth(true) : b;
  if (b.empty() || is_true(b)) return a;
  return binary(BinaryOp::logical_and, std::move(a), std::move(b));
}

Expr disjunction(Expr a, Expr b) {
  support::expects(!a.empty() && !b.empty(), "a disjunction needs two operands");
  return binary(BinaryOp::logical_or, std::move(a), std::move(b));
}

Sort sort_of(BinaryOp op, const Sort& left, const Sort&) {
  switch (op) {
  case BinaryOp::logical_and:
  case BinaryOp::logical_or:
  case BinaryOp::implies:
  case BinaryOp::equal:
  case BinaryOp::not_equal:
  case BinaryOp::less:
  case BinaryOp::less_equal:
  case BinaryOp::contains:
  case BinaryOp::included: return {SortKind::boolean, 0};
  case BinaryOp::add:
  case BinaryOp::subtract:
  case BinaryOp::multiply:
  case BinaryOp::bit_and:
  case BinaryOp::bit_or:
  case BinaryOp::bit_xor:
  case BinaryOp::shift_left:
  case BinaryOp::shift_right:
  case BinaryOp::with:
  case BinaryOp::without:
  case BinaryOp::unite:
  case BinaryOp::intersect:
  case BinaryOp::minus: return left;
  }
  support::ensures_internal(false, "every binary operator has a sort");
  return left;
}

Expr binary(BinaryOp op, Expr a, Expr b) {
  support::expects(!a.empty() && !b.empty(), "an operator needs both operands");
  const Sort sort = sort_of(op, a.sort(), b.sort());
  return make(sort, Binary{op, std::move(a), std::move(b)});
}

Expr unary(UnaryOp op, Expr a) {
  support::expects(!a.empty(), "an operator needs its operand");
  Sort sort = a.sort();
  if (op == UnaryOp::logical_not) sort = {SortKind::boolean, 0};
  if (op == UnaryOp::cardinality) sort = {SortKind::integer, 0};
  return make(sort, Unary{op, std::move(a)});
}

Expr conditional(Expr condition, Expr then, Expr otherwise) {
  support::expects(!condition.empty() && !then.empty() && !otherwise.empty(),
                   "a conditional has three operands");
  Sort sort = then.sort();
  const Sort other = otherwise.sort();
  if (sort.kind == SortKind::index && other == Sort{SortKind::optional_index, sort.of}) sort = other;
  return make(sort, Conditional{std::move(condition), std::move(then), std::move(otherwise)});
}

bool is_literal(const Expr& e, Value value) {
  if (e.empty()) return false;
  const auto* literal = std::get_if<Literal>(&e.node().kind);
  return literal != nullptr && literal->value == value;
}

bool is_true(const Expr& e) { return is_literal(e, 1) && e.sort().kind == SortKind::boolean; }
bool is_false(const Expr& e) { return is_literal(e, 0) && e.sort().kind == SortKind::boolean; }

} // namespace tdxcheck::model
