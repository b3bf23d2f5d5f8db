// SPDX-License-Identifier: GPL-2.0-or-later
#include "dsl/expression.h"

#include "dsl/builder.h"
#include "support/contract.h"

namespace tdxcheck::dsl {

using model::BinaryOp;
using model::SortKind;
using model::UnaryOp;

Expr::Expr(bool value) : tree_(model::truth(value)) {}
Expr::Expr(int value) : tree_(model::integer(value)) {}
Expr::Expr(const char* constant) : constant_(constant) {}

model::Expr Expr::tree() const {
  support::expects(!empty(), "an expression is used before it was given a value");
  support::expects(constant_.empty(),
                   "a constant's name must be compared with, or assigned to, an enumeration");
  return tree_;
}

bool Expr::adapts() const {
  if (!constant_.empty()) return true;
  if (tree_.empty() || !std::holds_alternative<model::Literal>(tree_.node().kind)) return false;
  return tree_.sort().kind == SortKind::integer ||
         tree_.sort() == model::Sort{SortKind::subset, untyped_set} ||
         tree_.sort() == model::Sort{SortKind::optional_index, untyped_set};
}

model::Expr Expr::as(const model::Sort& sort) const {
  if (!constant_.empty()) return here().constant(sort, constant_);
  if (!adapts()) return tree();
  switch (sort.kind) {
  case SortKind::integer:
  case SortKind::bits:
  case SortKind::index:
  case SortKind::optional_index:
  case SortKind::subset: return model::literal(sort, std::get<model::Literal>(tree_.node().kind).value);
  case SortKind::boolean:
  case SortKind::enumeration: return tree_;
  }
  return tree_;
}

namespace {

struct Operands {
  model::Expr left, right, width;
};

// Gives a bare number or constant the sort of the other operand.
Operands adapted(const Expr& a, const Expr& b) {
  Operands operands;
  if (a.adapts() && !b.adapts()) {
    operands.right = b.tree();
    operands.left = a.as(operands.right.sort());
  } else {
    operands.left = a.tree();
    operands.right = b.as(operands.left.sort());
  }
  operands.width = a.width().empty() ? b.width() : a.width();
  return operands;
}

Expr plain(BinaryOp op, const Expr& a, const Expr& b) {
  const Operands o = adapted(a, b);
  return Expr(model::binary(op, o.left, o.right));
}

Expr arithmetic(BinaryOp op, const Expr& a, const Expr& b) {
  Operands o = adapted(a, b);
  if (o.left.sort().kind == SortKind::index)
    o.right = model::integer(std::get<model::Literal>(b.tree().node().kind).value); // index + number
  const model::Expr result = model::binary(op, o.left, o.right);
  if (result.sort().kind != SortKind::bits) return Expr(result);
  support::expects(!o.width.empty(), "arithmetic on bits needs an operand that is a variable of that width");
  return Expr(model::make(result.sort(), model::Wrap{o.width, result}), o.width);
}

Expr set_or_bits(BinaryOp on_sets, BinaryOp on_bits, const Expr& a, const Expr& b) {
  const Operands o = adapted(a, b);
  const bool sets = o.left.sort().kind == SortKind::subset;
  return Expr(model::binary(sets ? on_sets : on_bits, o.left, o.right), o.width);
}

Expr subset_with_member(BinaryOp op, const Expr& subset, const Expr& member) {
  const model::Expr set = subset.tree();
  return Expr(model::binary(op, set, member.as({SortKind::index, set.sort().of})));
}

} // namespace

Expr operator!(const Expr& a) { return Expr(model::negation(a.tree())); }
Expr operator&&(const Expr& a, const Expr& b) { return Expr(model::conjunction(a.tree(), b.tree())); }
Expr operator||(const Expr& a, const Expr& b) { return Expr(model::disjunction(a.tree(), b.tree())); }
Expr implies(const Expr& a, const Expr& b) {
  return Expr(model::binary(BinaryOp::implies, a.tree(), b.tree()));
}
Expr operator==(const Expr& a, const Expr& b) { return plain(BinaryOp::equal, a, b); }
Expr operator!=(const Expr& a, const Expr& b) { return plain(BinaryOp::not_equal, a, b); }
Expr operator<(const Expr& a, const Expr& b) { return plain(BinaryOp::less, a, b); }
Expr operator<=(const Expr& a, const Expr& b) { return plain(BinaryOp::less_equal, a, b); }
Expr operator>(const Expr& a, const Expr& b) { return plain(BinaryOp::less, b, a); }
Expr operator>=(const Expr& a, const Expr& b) { return plain(BinaryOp::less_equal, b, a); }
Expr operator+(const Expr& a, const Expr& b) { return arithmetic(BinaryOp::add, a, b); }
Expr operator-(const Expr& a, const Expr& b) {
  const bool sets = !a.adapts() && a.tree().sort().kind == SortKind::subset;
  return sets ? plain(BinaryOp::minus, a, b) : arithmetic(BinaryOp::subtract, a, b);
}
Expr operator*(const Expr& a, const Expr& b) { return arithmetic(BinaryOp::multiply, a, b); }
Expr operator&(const Expr& a, const Expr& b) {
  return set_or_bits(BinaryOp::intersect, BinaryOp::bit_and, a, b);
}
Expr operator|(const Expr& a, const Expr& b) { return set_or_bits(BinaryOp::unite, BinaryOp::bit_or, a, b); }
Expr operator^(const Expr& a, const Expr& b) { return plain(BinaryOp::bit_xor, a, b); }
Expr operator~(const Expr& a) {
  support::expects(!a.width().empty(), "~ needs a variable of sort bits");
  const model::Expr all_ones = model::unary(UnaryOp::negate, model::literal(a.tree().sort(), 1));
  return arithmetic(BinaryOp::subtract, Expr(all_ones, a.width()), a);
}
Expr operator<<(const Expr& a, const Expr& b) { return arithmetic(BinaryOp::shift_left, a, b); }
Expr operator>>(const Expr& a, const Expr& b) { return arithmetic(BinaryOp::shift_right, a, b); }

Expr choose(const Expr& condition, const Expr& then, const Expr& otherwise) {
  const Operands o = adapted(then, otherwise);
  return Expr(model::conditional(condition.tree(), o.left, o.right), o.width);
}

Expr none() { return Expr(model::literal({SortKind::optional_index, untyped_set}, model::no_member)); }
Expr only_if(const Expr& condition, const Expr& index) {
  const model::Sort sort{SortKind::optional_index, index.tree().sort().of};
  return Expr(model::make(
      sort, model::Conditional{condition.tree(), index.tree(), model::literal(sort, model::no_member)}));
}
Expr is_none(const Expr& optional) { return optional == none(); }
Expr is_some(const Expr& optional) { return optional != none(); }

Expr contains(const Expr& subset, const Expr& member) {
  return subset_with_member(BinaryOp::contains, subset, member);
}
Expr with(const Expr& subset, const Expr& member) {
  return subset_with_member(BinaryOp::with, subset, member);
}
Expr without(const Expr& subset, const Expr& member) {
  return subset_with_member(BinaryOp::without, subset, member);
}
Expr count(const Expr& subset) { return Expr(model::unary(UnaryOp::cardinality, subset.tree())); }
Expr empty_set() { return Expr(model::literal({SortKind::subset, untyped_set}, 0)); }

} // namespace tdxcheck::dsl
