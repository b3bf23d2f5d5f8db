// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/fold.h"

#include <algorithm>

#include "lower/every_expression.h"
#include "model/arithmetic.h"

namespace tdxcheck::lower {

using model::BinaryOp;
using model::Expr;
using model::QuantifierKind;
using model::UnaryOp;
using model::Value;

std::optional<Value> literal_value(const Expr& e) {
  if (e.empty()) return {};
  const auto* literal = std::get_if<model::Literal>(&e.node().kind);
  return literal != nullptr ? std::optional<Value>{literal->value} : std::nullopt;
}

bool is_boolean(const Expr& e) { return e.sort().kind == model::SortKind::boolean; }

bool are_negations(const Expr& a, const Expr& b) {
  const auto negates = [](const Expr& whole, const Expr& part) {
    const auto* unary = std::get_if<model::Unary>(&whole.node().kind);
    return unary != nullptr && unary->op == UnaryOp::logical_not && unary->operand == part;
  };
  return negates(a, b) || negates(b, a);
}

std::vector<Expr> operands(const Expr& e) {
  using Children = std::vector<Expr>;
  return std::visit(Overloaded{
                        [](const model::Literal&) { return Children{}; },
                        [](const model::ParameterRef&) { return Children{}; },
                        [](const model::Kept&) { return Children{}; },
                        [](const model::VariableRef& x) { return x.at; },
                        [](const model::Self&) { return Children{}; },
                        [](const model::BoundRef&) { return Children{}; },
                        [](const model::Unary& x) { return Children{x.operand}; },
                        [](const model::Binary& x) {
                          return Children{x.left, x.right};
                        },
                        [](const model::Conditional& x) {
                          return Children{x.condition, x.then, x.otherwise};
                        },
                        [](const model::Wrap& x) {
                          return Children{x.width, x.operand};
                        },
                        [](const model::Quantified& x) { return Children{x.body}; },
                        [](const model::InRegion& x) { return x.member; },
                    },
                    e.node().kind);
}

namespace {

Expr negated(const Expr& e) {
  if (const auto value = literal_value(e)) return model::truth(*value == 0);
  const auto* unary = std::get_if<model::Unary>(&e.node().kind);
  if (unary != nullptr && unary->op == UnaryOp::logical_not) return unary->operand;
  return model::negation(e);
}

// Reading it always gives a value: no index is computed, nothing overflows.
bool cannot_fail(const Expr& e) {
  return std::visit(Overloaded{
                        [](const model::Literal&) { return true; },
                        [](const model::Self&) { return true; },
                        [](const model::BoundRef&) { return true; },
                        [](const model::VariableRef& x) {
                          for (const Expr& at : x.at) {
                            if (std::holds_alternative<model::VariableRef>(at.node().kind) ||
                                !cannot_fail(at))
                              return false;
                          }
                          return true;
                        },
                        [](const auto&) { return false; },
                    },
                    e.node().kind);
}

// What is not simpler than it was stays the same node: nothing is allocated, and comparing is one look.
Expr kept(const Expr* as_it_was, const model::Sort& sort, model::NodeKind&& kind) {
  return as_it_was != nullptr ? *as_it_was : model::make(sort, std::move(kind));
}

// Of bits, what lies between them may be negative, as in the complement `-1 - word`; no literal is.
bool is_value_of(const model::Sort& sort, Value value) {
  return sort.kind != model::SortKind::bits || value >= 0;
}

Expr simplified_unary(const model::Sort& sort, UnaryOp op, const Expr& operand, const Expr* as_it_was) {
  if (op == UnaryOp::logical_not) return negated(operand);
  if (const auto value = literal_value(operand)) {
    const auto result = model::apply(op, *value);
    if (result && is_value_of(sort, *result)) return model::literal(sort, *result);
  }
  return kept(as_it_was, sort, model::Unary{op, operand});
}

std::optional<Expr> simplified_logic(BinaryOp op, const Expr& a, const Expr& b) {
  const auto left = literal_value(a), right = literal_value(b);
  if (left) {
    const auto answer = model::decided_by_left(op, *left);
    return answer ? model::truth(*answer != 0) : b;
  }
  if (right) {
    const auto answer = model::decided_by_right(op, *right);
    if (answer) return model::truth(*answer != 0);
    return op == BinaryOp::implies ? negated(a) : a;
  }
  if (a == b) return op == BinaryOp::implies ? model::truth(true) : a;
  if (are_negations(a, b)) {
    if (op == BinaryOp::implies) return b;
    return model::truth(op == BinaryOp::logical_or);
  }
  return {};
}

std::optional<Expr> simplified_equality(bool equal, const Expr& a, const Expr& b) {
  if (is_boolean(a) && is_boolean(b)) {
    if (const auto value = literal_value(a)) return (*value != 0) == equal ? b : negated(b);
    if (const auto value = literal_value(b)) return (*value != 0) == equal ? a : negated(a);
    if (are_negations(a, b)) return model::truth(!equal);
  }
  if (a == b && cannot_fail(a)) return model::truth(equal);
  return {};
}

std::optional<Expr> simplified_sum(BinaryOp op, const Expr& a, const Expr& b) {
  if (model::is_literal(b, 0) && (op == BinaryOp::add || op == BinaryOp::subtract)) return a;
  if (model::is_literal(a, 0) && op == BinaryOp::add) return b;
  if (op == BinaryOp::multiply && model::is_literal(b, 1)) return a;
  if (op == BinaryOp::multiply && model::is_literal(a, 1)) return b;
  return {};
}

Expr simplified_conditional(const model::Sort& sort, const Expr& condition, const Expr& then,
                            const Expr& otherwise, const Expr* as_it_was = nullptr) {
  if (const auto value = literal_value(condition)) return *value != 0 ? then : otherwise;
  if (then == otherwise) return then;
  if (sort.kind == model::SortKind::boolean) {
    if (model::is_true(then)) {
      return model::is_false(otherwise) ? condition : model::disjunction(condition, otherwise);
    }
    if (model::is_false(then)) {
      return model::is_true(otherwise) ? negated(condition)
                                       : model::binary(BinaryOp::logical_and, negated(condition), otherwise);
    }
    if (model::is_false(otherwise)) return model::binary(BinaryOp::logical_and, condition, then);
    if (model::is_true(otherwise)) return model::binary(BinaryOp::implies, condition, then);
  }
  return kept(as_it_was, sort, model::Conditional{condition, then, otherwise});
}

// `(c ? 1 : 2) == 1` is c: the usual shape of a status that a silent step looks at.
std::optional<Expr> distributed(const model::Sort& sort, BinaryOp op, const Expr& a, const Expr& b) {
  const auto* choice = std::get_if<model::Conditional>(&a.node().kind);
  const auto right = literal_value(b);
  if (choice == nullptr || !right) return {};
  const auto then = literal_value(choice->then), otherwise = literal_value(choice->otherwise);
  if (!then || !otherwise) return {};
  const auto yes = model::apply(op, *then, *right), no = model::apply(op, *otherwise, *right);
  if (!yes || !no || !is_value_of(sort, *yes) || !is_value_of(sort, *no)) return {};
  return simplified_conditional(sort, choice->condition, model::literal(sort, *yes),
                                model::literal(sort, *no));
}

Expr simplified_binary(const model::Sort& sort, BinaryOp op, const Expr& a, const Expr& b,
                       const Expr* as_it_was) {
  const auto left = literal_value(a), right = literal_value(b);
  if (left && right) {
    const auto value = model::apply(op, *left, *right);
    return value && is_value_of(sort, *value) ? model::literal(sort, *value)
                                              : kept(as_it_was, sort, model::Binary{op, a, b});
  }
  std::optional<Expr> simpler;
  if (op == BinaryOp::logical_and || op == BinaryOp::logical_or || op == BinaryOp::implies) {
    simpler = simplified_logic(op, a, b);
  } else if (op == BinaryOp::equal || op == BinaryOp::not_equal) {
    simpler = simplified_equality(op == BinaryOp::equal, a, b);
  } else {
    simpler = simplified_sum(op, a, b);
  }
  if (!simpler) simpler = distributed(sort, op, a, b);
  return simpler ? *simpler : kept(as_it_was, sort, model::Binary{op, a, b});
}

Expr simplified_quantifier(const model::Model& model, const model::Sort& sort, const model::Quantified& q,
                           const Expr& body, const Expr* as_it_was) {
  if (const auto value = literal_value(body)) {
    if (q.kind != QuantifierKind::count) return model::truth(*value != 0);
    if (*value == 0) return model::literal(sort, 0);
    if (const auto size = literal_value(model.sets[q.over].size)) return model::literal(sort, *size);
  }
  return kept(as_it_was, sort, model::Quantified{q.kind, q.bound, q.over, body});
}

class Rewriter {
public:
  Rewriter(const model::Model& model, const Replacement& replacement)
      : model_(model), replacement_(replacement) {}

  [[nodiscard]] Expr operator()(const Expr& e) const {
    if (e.empty()) return e;
    if (replacement_) {
      if (auto replaced = replacement_(e)) return *replaced;
    }
    return std::visit([&](const auto& node) { return rebuilt(e, node); }, e.node().kind);
  }

private:
  [[nodiscard]] std::vector<Expr> all(const std::vector<Expr>& expressions) const {
    std::vector<Expr> result;
    for (const Expr& e : expressions) result.push_back((*this)(e));
    return result;
  }

  static Expr rebuilt(const Expr& e, const model::Literal&) { return e; }
  static Expr rebuilt(const Expr& e, const model::ParameterRef&) { return e; }
  static Expr rebuilt(const Expr& e, const model::Kept&) { return e; }
  static Expr rebuilt(const Expr& e, const model::Self&) { return e; }
  static Expr rebuilt(const Expr& e, const model::BoundRef&) { return e; }
  static bool are_same(const std::vector<Expr>& a, const std::vector<Expr>& b) {
    return std::ranges::equal(a, b, {}, &Expr::identity, &Expr::identity);
  }
  static bool is_same(const Expr& a, const Expr& b) { return a.identity() == b.identity(); }

  [[nodiscard]] Expr rebuilt(const Expr& e, const model::VariableRef& x) const {
    if (x.at.empty()) return e;
    std::vector<Expr> at = all(x.at);
    return are_same(at, x.at) ? e : model::make(e.sort(), model::VariableRef{x.variable, std::move(at)});
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::Unary& x) const {
    const Expr operand = (*this)(x.operand);
    return simplified_unary(e.sort(), x.op, operand, is_same(operand, x.operand) ? &e : nullptr);
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::Binary& x) const {
    const Expr left = (*this)(x.left), right = (*this)(x.right);
    const bool same = is_same(left, x.left) && is_same(right, x.right);
    return simplified_binary(e.sort(), x.op, left, right, same ? &e : nullptr);
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::Conditional& x) const {
    const Expr condition = (*this)(x.condition);
    if (const auto value = literal_value(condition)) return (*this)(*value != 0 ? x.then : x.otherwise);
    const Expr then = (*this)(x.then), otherwise = (*this)(x.otherwise);
    const bool same =
        is_same(condition, x.condition) && is_same(then, x.then) && is_same(otherwise, x.otherwise);
    return simplified_conditional(e.sort(), condition, then, otherwise, same ? &e : nullptr);
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::Wrap& x) const {
    const Expr width = (*this)(x.width), operand = (*this)(x.operand);
    const auto places = literal_value(width), value = literal_value(operand);
    if (places && value) {
      if (const auto result = model::wrap(*places, *value)) return model::literal(e.sort(), *result);
    }
    if (is_same(width, x.width) && is_same(operand, x.operand)) return e;
    return model::make(e.sort(), model::Wrap{width, operand});
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::Quantified& x) const {
    const Expr body = (*this)(x.body);
    return simplified_quantifier(model_, e.sort(), x, body, is_same(body, x.body) ? &e : nullptr);
  }
  [[nodiscard]] Expr rebuilt(const Expr& e, const model::InRegion& x) const {
    if (model_.regions[x.region].labels.empty()) return model::truth(false);
    std::vector<Expr> member = all(x.member);
    return are_same(member, x.member) ? e
                                      : model::make(e.sort(), model::InRegion{x.region, std::move(member)});
  }

  const model::Model& model_;
  const Replacement& replacement_;
};

} // namespace

Expr rewrite(const model::Model& model, const Expr& expression, const Replacement& replacement) {
  return Rewriter(model, replacement)(expression);
}

Expr simplify(const model::Model& model, const Expr& expression) { return rewrite(model, expression, {}); }

namespace {

using FreeParameters = std::vector<model::Id<model::Parameter>>;

// `p == unlimited`, where p is free.
std::optional<Expr> never_unlimited(const Expr& e, const FreeParameters& free) {
  const auto* comparison = std::get_if<model::Binary>(&e.node().kind);
  if (comparison == nullptr) return {};
  const bool equal = comparison->op == BinaryOp::equal;
  if (!equal && comparison->op != BinaryOp::not_equal) return {};
  const auto is_free = [&](const Expr& side) {
    const auto* parameter = std::get_if<model::ParameterRef>(&side.node().kind);
    return parameter != nullptr && side.sort().kind == model::SortKind::integer &&
           std::find(free.begin(), free.end(), parameter->parameter) != free.end();
  };
  const Expr &a = comparison->left, &b = comparison->right;
  if ((is_free(a) && model::is_literal(b, model::unlimited)) ||
      (is_free(b) && model::is_literal(a, model::unlimited)))
    return model::truth(!equal);
  return {};
}

} // namespace

Expr fold(const model::Model& model, const model::Valuation& valuation, const Expr& expression,
          const FreeParameters& free) {
  const Expr folded = rewrite(model, expression, [&](const Expr& e) -> std::optional<Expr> {
    if (const auto* parameter = std::get_if<model::ParameterRef>(&e.node().kind)) {
      if (std::find(free.begin(), free.end(), parameter->parameter) != free.end()) return {};
      return model::literal(e.sort(), valuation.parameters.at(parameter->parameter.value));
    }
    if (const auto* kept = std::get_if<model::Kept>(&e.node().kind)) {
      return model::truth(valuation.kept.at(kept->guard.value));
    }
    return {};
  });
  if (free.empty()) return folded;
  return rewrite(model, folded, [&](const Expr& e) { return never_unlimited(e, free); });
}

} // namespace tdxcheck::lower
