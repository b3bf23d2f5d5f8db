// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/may_lack_a_value.h"

#include <algorithm>

namespace tdxcheck::model {
namespace {

bool some(const std::vector<Expr>& expressions) {
  return std::ranges::any_of(expressions, [](const Expr& e) { return may_lack_a_value(e); });
}

// A variable of an index type always names a member; an optional one need not.
bool some_need_not_exist(const std::vector<Expr>& members) {
  return std::ranges::any_of(members, [](const Expr& member) {
    return member.sort().kind != SortKind::index && !std::holds_alternative<Literal>(member.node().kind);
  });
}

struct Question {
  bool operator()(const Literal&) const { return false; }
  bool operator()(const ParameterRef&) const { return false; }
  bool operator()(const Kept&) const { return false; }
  bool operator()(const Self&) const { return false; }
  bool operator()(const BoundRef&) const { return false; }
  bool operator()(const VariableRef& x) const { return some_need_not_exist(x.at) || some(x.at); }
  bool operator()(const InRegion& x) const { return some_need_not_exist(x.member) || some(x.member); }
  bool operator()(const Unary& x) const { return x.op == UnaryOp::negate || may_lack_a_value(x.operand); }
  bool operator()(const Binary& x) const {
    switch (x.op) {
    case BinaryOp::add:
    case BinaryOp::subtract:
    case BinaryOp::multiply:
    case BinaryOp::shift_left:
    case BinaryOp::shift_right:
    case BinaryOp::with:
    case BinaryOp::without: return true;
    default: return may_lack_a_value(x.left) || may_lack_a_value(x.right);
    }
  }
  bool operator()(const Conditional& x) const {
    return may_lack_a_value(x.condition) || may_lack_a_value(x.then) || may_lack_a_value(x.otherwise);
  }
  bool operator()(const Wrap& x) const { return may_lack_a_value(x.operand); }
  bool operator()(const Quantified& x) const { return may_lack_a_value(x.body); }
};

} // namespace

bool may_lack_a_value(const Expr& expression) {
  return !expression.empty() && std::visit(Question{}, expression.node().kind);
}

} // namespace tdxcheck::model
