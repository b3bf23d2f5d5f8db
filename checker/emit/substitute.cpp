// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/substitute.h"

namespace tdxcheck::emit {
namespace {

using model::Expr;

// Rebuilds a node from its parts, left to right.
struct Rebuild {
  const Expr& whole;
  const std::function<Expr(const Expr&)>& part;

  [[nodiscard]] std::vector<Expr> parts(const std::vector<Expr>& all) const {
    std::vector<Expr> rebuilt;
    for (const Expr& e : all) rebuilt.push_back(part(e));
    return rebuilt;
  }
  [[nodiscard]] Expr with(model::NodeKind kind) const { return model::make(whole.sort(), std::move(kind)); }

  Expr operator()(const model::Literal&) const { return whole; }
  Expr operator()(const model::ParameterRef&) const { return whole; }
  Expr operator()(const model::Kept&) const { return whole; }
  Expr operator()(const model::Self&) const { return whole; }
  Expr operator()(const model::BoundRef&) const { return whole; }
  Expr operator()(const model::VariableRef& e) const {
    return with(model::VariableRef{e.variable, parts(e.at)});
  }
  Expr operator()(const model::Unary& e) const { return with(model::Unary{e.op, part(e.operand)}); }
  Expr operator()(const model::Binary& e) const {
    return with(model::Binary{e.op, part(e.left), part(e.right)});
  }
  Expr operator()(const model::Conditional& e) const {
    return with(model::Conditional{part(e.condition), part(e.then), part(e.otherwise)});
  }
  Expr operator()(const model::Wrap& e) const { return with(model::Wrap{part(e.width), part(e.operand)}); }
  Expr operator()(const model::Quantified& e) const {
    return with(model::Quantified{e.kind, e.bound, e.over, part(e.body)});
  }
  Expr operator()(const model::InRegion& e) const { return with(model::InRegion{e.region, parts(e.member)}); }
};

} // namespace

Expr substitute(const Expr& e, const Substitution& by) {
  if (auto replaced = by(e)) return *replaced;
  const std::function<Expr(const Expr&)> part = [&](const Expr& inside) { return substitute(inside, by); };
  return std::visit(Rebuild{e, part}, e.node().kind);
}

bool speaks_of(const Expr& e, const model::BoundName& name) {
  bool found = false;
  (void)substitute(e, [&](const Expr& part) -> std::optional<Expr> {
    const auto* bound = std::get_if<model::BoundRef>(&part.node().kind);
    found = found || (bound != nullptr && bound->bound.number == name.number);
    return {};
  });
  return found;
}

} // namespace tdxcheck::emit
