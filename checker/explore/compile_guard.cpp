// SPDX-License-Identifier: GPL-2.0-or-later
//
// The part of ExpressionCompiler that turns a guard into tests which leave the program at once: one
// instruction for a comparison, none for what is known.
#include "explore/compile_expression.h"

#include "model/arithmetic.h"

namespace tdxcheck::explore {

using model::BinaryOp;
using model::Expr;
using model::UnaryOp;

bool ExpressionCompiler::require_comparison(const model::Binary& x) {
  const Operand a = value(x.left), b = value(x.right);
  if (a.known && b.known) {
    const auto result = model::apply(x.op, *a.known, *b.known);
    return result && *result != 0;
  }
  const Op op = x.op == BinaryOp::equal       ? Op::require_equal
                : x.op == BinaryOp::not_equal ? Op::require_not_equal
                : x.op == BinaryOp::less      ? Op::require_less
                                              : Op::require_less_equal;
  emit({op, 0, in_register(a), in_register(b), 0, 0});
  return true;
}

bool ExpressionCompiler::require(const Expr& condition) {
  if (const auto* x = std::get_if<model::Binary>(&condition.node().kind)) {
    if (x->op == BinaryOp::logical_and) return require(x->left) && require(x->right);
    if (x->op == BinaryOp::equal || x->op == BinaryOp::not_equal || x->op == BinaryOp::less ||
        x->op == BinaryOp::less_equal) {
      return require_comparison(*x);
    }
  }
  if (const auto* x = std::get_if<model::Unary>(&condition.node().kind)) {
    if (x->op == UnaryOp::logical_not) {
      const Operand a = value(x->operand);
      if (!a.known) emit({Op::require_zero, 0, a.place, 0, 0, 0});
      return !a.known || *a.known == 0;
    }
  }
  const Operand a = value(condition);
  if (!a.known) emit({Op::require_nonzero, 0, a.place, 0, 0, 0});
  return !a.known || *a.known != 0;
}

} // namespace tdxcheck::explore
