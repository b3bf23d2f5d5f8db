// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/rewrite.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::prove {
namespace {

using model::Expr;

struct Replace {
  const Members& members;
  const ReplaceLiteral& literals; // may be empty
  const Expr& whole;

  [[nodiscard]] Expr of(const Expr& e) const {
    return std::visit(Replace{members, literals, e}, e.node().kind);
  }
  [[nodiscard]] std::vector<Expr> all(const std::vector<Expr>& expressions) const {
    std::vector<Expr> result;
    for (const Expr& e : expressions) result.push_back(of(e));
    return result;
  }

  Expr operator()(const model::Literal& x) const {
    return literals ? model::literal(whole.sort(), literals(whole, x.value)) : whole;
  }
  Expr operator()(const model::ParameterRef&) const { return whole; }
  Expr operator()(const model::Kept&) const { return whole; }
  Expr operator()(const model::Self&) const {
    return members.self ? model::literal(whole.sort(), *members.self) : whole;
  }
  Expr operator()(const model::BoundRef& x) const {
    const auto found = members.bound.find(x.bound.number);
    return found != members.bound.end() ? model::literal(whole.sort(), found->second) : whole;
  }
  Expr operator()(const model::VariableRef& x) const {
    return x.at.empty() ? whole : model::make(whole.sort(), model::VariableRef{x.variable, all(x.at)});
  }
  Expr operator()(const model::Unary& x) const {
    return model::make(whole.sort(), model::Unary{x.op, of(x.operand)});
  }
  Expr operator()(const model::Binary& x) const {
    return model::make(whole.sort(), model::Binary{x.op, of(x.left), of(x.right)});
  }
  Expr operator()(const model::Conditional& x) const {
    return model::make(whole.sort(), model::Conditional{of(x.condition), of(x.then), of(x.otherwise)});
  }
  Expr operator()(const model::Wrap& x) const {
    return model::make(whole.sort(), model::Wrap{of(x.width), of(x.operand)});
  }
  Expr operator()(const model::Quantified& x) const {
    return model::make(whole.sort(), model::Quantified{x.kind, x.bound, x.over, of(x.body)});
  }
  Expr operator()(const model::InRegion& x) const {
    return model::make(whole.sort(), model::InRegion{x.region, all(x.member)});
  }
};

} // namespace

Expr with_members(const Expr& e, const Members& members) {
  return std::visit(Replace{members, {}, e}, e.node().kind);
}

Expr with_literals(const Expr& e, const ReplaceLiteral& replace) {
  return std::visit(Replace{{}, replace, e}, e.node().kind);
}

std::optional<model::Value> member_value(const Expr& e, const Members& members) {
  const Expr replaced = with_members(e, members);
  const auto* literal = std::get_if<model::Literal>(&replaced.node().kind);
  return literal != nullptr ? std::optional(literal->value) : std::nullopt;
}

std::vector<Expr> operands(const Expr& e) {
  using Parts = std::vector<Expr>;
  struct Look {
    Parts operator()(const model::Literal&) const { return {}; }
    Parts operator()(const model::ParameterRef&) const { return {}; }
    Parts operator()(const model::Kept&) const { return {}; }
    Parts operator()(const model::Self&) const { return {}; }
    Parts operator()(const model::BoundRef&) const { return {}; }
    Parts operator()(const model::VariableRef& x) const { return x.at; }
    Parts operator()(const model::Unary& x) const { return {x.operand}; }
    Parts operator()(const model::Binary& x) const { return {x.left, x.right}; }
    Parts operator()(const model::Conditional& x) const { return {x.condition, x.then, x.otherwise}; }
    Parts operator()(const model::Wrap& x) const { return {x.width, x.operand}; }
    Parts operator()(const model::Quantified& x) const { return {x.body}; }
    Parts operator()(const model::InRegion& x) const { return x.member; }
  };
  return std::visit(Look{}, e.node().kind);
}

bool mentions(const Expr& e, const model::BoundName& name) {
  const auto* bound = std::get_if<model::BoundRef>(&e.node().kind);
  if (bound != nullptr && bound->bound.number == name.number) return true;
  return std::ranges::any_of(operands(e), [&](const Expr& part) { return mentions(part, name); });
}

namespace {

using Replacement = std::function<std::optional<Expr>(const Expr&)>;

Expr negated(const Expr& e) {
  if (model::is_true(e) || model::is_false(e)) return model::truth(model::is_false(e));
  return model::negation(e);
}

struct Rewrite {
  const Replacement& replacement;
  const Expr& whole;

  [[nodiscard]] Expr of(const Expr& e) const { return rewritten(e, replacement); }
  [[nodiscard]] std::vector<Expr> all(const std::vector<Expr>& expressions) const {
    std::vector<Expr> result;
    for (const Expr& e : expressions) result.push_back(of(e));
    return result;
  }

  Expr operator()(const model::Literal&) const { return whole; }
  Expr operator()(const model::ParameterRef&) const { return whole; }
  Expr operator()(const model::Kept&) const { return whole; }
  Expr operator()(const model::Self&) const { return whole; }
  Expr operator()(const model::BoundRef&) const { return whole; }
  Expr operator()(const model::VariableRef& x) const {
    return x.at.empty() ? whole : model::make(whole.sort(), model::VariableRef{x.variable, all(x.at)});
  }
  Expr operator()(const model::Unary& x) const {
    const Expr operand = of(x.operand);
    if (x.op == model::UnaryOp::logical_not) return negated(operand);
    return model::make(whole.sort(), model::Unary{x.op, operand});
  }
  Expr operator()(const model::Binary& x) const {
    const Expr left = of(x.left), right = of(x.right);
    const bool either_known =
        model::is_true(left) || model::is_false(left) || model::is_true(right) || model::is_false(right);
    if (either_known && x.op == model::BinaryOp::logical_and) {
      if (model::is_true(left) || model::is_false(right)) return right;
      return left;
    }
    if (either_known && x.op == model::BinaryOp::logical_or) {
      if (model::is_false(left) || model::is_true(right)) return right;
      return left;
    }
    if (either_known && x.op == model::BinaryOp::implies) {
      if (model::is_true(left) || model::is_true(right)) return right;
      return negated(left);
    }
    return model::make(whole.sort(), model::Binary{x.op, left, right});
  }
  Expr operator()(const model::Conditional& x) const {
    const Expr condition = of(x.condition);
    if (model::is_true(condition)) return of(x.then);
    if (model::is_false(condition)) return of(x.otherwise);
    return model::make(whole.sort(), model::Conditional{condition, of(x.then), of(x.otherwise)});
  }
  Expr operator()(const model::Wrap& x) const {
    return model::make(whole.sort(), model::Wrap{of(x.width), of(x.operand)});
  }
  Expr operator()(const model::Quantified& x) const {
    return model::make(whole.sort(), model::Quantified{x.kind, x.bound, x.over, of(x.body)});
  }
  Expr operator()(const model::InRegion& x) const {
    return model::make(whole.sort(), model::InRegion{x.region, all(x.member)});
  }
};

} // namespace

Expr rewritten(const Expr& e, const Replacement& replacement) {
  if (auto replaced = replacement(e)) return *replaced;
  return std::visit(Rewrite{replacement, e}, e.node().kind);
}

Expr conjunction_of(const std::vector<Expr>& all) {
  Expr result = model::truth(true);
  for (const Expr& e : all)
    if (!model::is_true(e)) result = model::is_true(result) ? e : model::conjunction(result, e);
  return result;
}

model::Id<model::Region> Places::region(model::Id<model::Thread> id,
                                        const std::vector<model::Id<model::Label>>& labels) {
  const model::Thread& thread = model_.threads[id];
  std::vector<std::string> names;
  for (const auto label : labels) names.push_back(thread.labels[label].name);
  const std::string name = fmt::format("{} at {}", thread.name, fmt::join(names, ", "));
  for (const auto known : model_.regions.ids())
    if (model_.regions[known].name == name && model_.regions[known].thread == id) return known;
  return model_.regions.add({name, id, labels});
}

Expr Places::is_at(model::Id<model::Thread> thread, model::Value member,
                   const std::vector<model::Id<model::Label>>& labels) {
  model::InRegion in{region(thread, labels), {}};
  if (const auto& over = model_.threads[thread].over)
    in.member.push_back(model::literal({model::SortKind::index, over->value}, member));
  return model::make({model::SortKind::boolean, 0}, in);
}

Expr Places::is_at(model::Id<model::Thread> thread, const Expr& member,
                   const std::vector<model::Id<model::Label>>& labels) {
  return model::make({model::SortKind::boolean, 0}, model::InRegion{region(thread, labels), {member}});
}

Expr Places::how_many_at(model::Id<model::Thread> thread,
                         const std::vector<model::Id<model::Label>>& labels) {
  model::InRegion in{region(thread, labels), {}};
  const auto& over = model_.threads[thread].over;
  if (!over)
    return model::conditional(model::make({model::SortKind::boolean, 0}, in), model::integer(1),
                              model::integer(0));
  // A number that no name of a model has: names are numbered from 0.
  const model::BoundName member{0x7ffffffe, "m"};
  in.member.push_back(model::make({model::SortKind::index, over->value}, model::BoundRef{member}));
  return model::make({model::SortKind::integer, 0},
                     model::Quantified{model::QuantifierKind::count, member, *over,
                                       model::make({model::SortKind::boolean, 0}, in)});
}

} // namespace tdxcheck::prove
