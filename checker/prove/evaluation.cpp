// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/evaluation.h"

#include <limits>

#include "support/contract.h"
#include "support/error.h"

namespace tdxcheck::prove {

using model::Expr;
using model::Value;

Term Evaluation::of(const Expr& e) const {
  return std::visit([&](const auto& node) { return at(e, node); }, e.node().kind);
}

Term Evaluation::at(const Expr& e, const model::Literal& x) const {
  if (e.sort().kind == model::SortKind::boolean) return terms_.truth(x.value != 0);
  if (e.sort().kind == model::SortKind::enumeration)
    return encoding_.enumeration_constant(e.sort().of, x.value);
  return terms_.number(x.value);
}

Term Evaluation::at(const Expr&, const model::ParameterRef& x) const {
  return encoding_.parameter(x.parameter);
}

Term Evaluation::at(const Expr&, const model::Kept& x) const {
  return terms_.truth(encoding_.problem_.valuation.kept.at(x.guard.value));
}

Term Evaluation::at(const Expr&, const model::Self&) const {
  support::ensures_internal(here_.self.has_value(), "Self is used by a thread");
  return terms_.number(*here_.self);
}

Term Evaluation::at(const Expr&, const model::BoundRef& x) const {
  const auto found = here_.bound.find(x.bound.number);
  support::ensures_internal(found != here_.bound.end(), "a bound name is used where it is bound");
  return terms_.number(found->second);
}

Evaluation::Places Evaluation::places(const model::VariableRef& reference) const {
  const model::Instance& instance = encoding_.instance_;
  const auto& dimensions = instance.dimensions(reference.variable);
  Places result{{{0, terms_.truth(true).value}}, {}};
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const Term index = of(reference.at[d]);
    const Value size = instance.size(dimensions[d]);
    std::vector<Place> longer;
    for (const Place& place : result.places) {
      for (Value m = 0; m < size; ++m) {
        const z3::expr condition = terms_.both(place.condition, terms_.equal(index, terms_.number(m)));
        if (condition.is_false()) continue;
        longer.push_back(
            {place.cell * static_cast<std::size_t>(size) + static_cast<std::size_t>(m), condition});
      }
    }
    result.places = std::move(longer);
    const bool surely = index.kind == TermKind::bits && index.low >= 0 && index.high < size;
    std::optional<z3::expr> exists = index.defined;
    if (!surely)
      exists = terms_.both_defined(exists, terms_.both(terms_.less_equal(terms_.number(0), index),
                                                       terms_.less(index, terms_.number(size))));
    result.defined = terms_.both_defined(result.defined, exists);
  }
  for (Place& place : result.places) place.cell += instance.first_cell(reference.variable);
  return result;
}

Term Evaluation::at(const Expr&, const model::VariableRef& x) const {
  const Places where = places(x);
  // Of a member that surely does not exist, any value will do: `defined` is false.
  Term value = encoding_.cell_term(state_, where.places.empty() ? encoding_.instance_.first_cell(x.variable)
                                                                : where.places.back().cell);
  for (std::size_t i = where.places.size(); i-- > 1;)
    value = terms_.conditional(terms_.truth(where.places[i - 1].condition),
                               encoding_.cell_term(state_, where.places[i - 1].cell), value);
  value.defined = where.defined;
  return value;
}

Value Evaluation::members_of(const Expr& e) const {
  if (e.sort().kind != model::SortKind::subset) return 0;
  return encoding_.instance_.size(model::Id<model::IndexSet>{e.sort().of});
}

Term Evaluation::at(const Expr&, const model::Unary& x) const {
  return terms_.apply(x.op, of(x.operand), members_of(x.operand));
}

Term Evaluation::at(const Expr&, const model::Binary& x) const {
  const Term left = of(x.left);
  const bool answered = !left.defined && ((x.op == model::BinaryOp::logical_and && left.value.is_false()) ||
                                          (x.op == model::BinaryOp::logical_or && left.value.is_true()) ||
                                          (x.op == model::BinaryOp::implies && left.value.is_false()));
  if (answered) return terms_.truth(x.op != model::BinaryOp::logical_and);
  return terms_.apply(x.op, left, of(x.right), members_of(x.left));
}

Term Evaluation::at(const Expr&, const model::Conditional& x) const {
  return terms_.conditional(of(x.condition), of(x.then), of(x.otherwise));
}

Term Evaluation::at(const Expr&, const model::Wrap& x) const {
  const Term width = of(x.width);
  if (!width.is_known())
    throw support::InputError("`mod 2^n` with an n that depends on a free parameter cannot be encoded");
  return terms_.wrap(width.low, of(x.operand));
}

Term Evaluation::at(const Expr&, const model::Quantified& x) const {
  const bool counts = x.kind == model::QuantifierKind::count;
  Term result = counts ? terms_.number(0) : terms_.truth(x.kind == model::QuantifierKind::for_all);
  Evaluation inside = *this;
  for (Value m = 0; m < encoding_.instance_.size(x.over); ++m) {
    inside.here_.bound[x.bound.number] = m;
    const Term body = inside.of(x.body);
    if (counts) {
      Term one = terms_.conditional(terms_.truth(body.value), terms_.number(1), terms_.number(0));
      one.defined = body.defined;
      result = terms_.apply(model::BinaryOp::add, result, one);
    } else {
      result = terms_.apply(x.kind == model::QuantifierKind::for_all ? model::BinaryOp::logical_and
                                                                     : model::BinaryOp::logical_or,
                            result, body);
    }
  }
  return result;
}

z3::expr Evaluation::in_region(const model::Region& region, std::size_t thread) const {
  z3::expr any = terms_.truth(false).value;
  for (const auto label : region.labels) any = terms_.either(any, encoding_.is_at(state_, thread, label));
  return any;
}

Term Evaluation::at(const Expr&, const model::InRegion& x) const {
  const model::Region& region = encoding_.model().regions[x.region];
  const auto& over = encoding_.model().threads[region.thread].over;
  if (x.member.empty() || !over)
    return terms_.truth(in_region(region, encoding_.instance_.thread(region.thread, 0)));
  const Term member = of(x.member.front());
  const Value size = encoding_.instance_.size(*over);
  Term result = terms_.truth(false);
  for (Value m = 0; m < size; ++m)
    result.value = terms_.either(
        result.value, terms_.both(terms_.equal(member, terms_.number(m)),
                                  in_region(region, encoding_.instance_.thread(region.thread, m))));
  result.defined = member.defined;
  if (member.low < 0 || member.high >= size)
    result.defined =
        terms_.both_defined(result.defined, terms_.both(terms_.less_equal(terms_.number(0), member),
                                                        terms_.less(member, terms_.number(size))));
  return result;
}

} // namespace tdxcheck::prove
