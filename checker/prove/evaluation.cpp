// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/evaluation.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/open_subsets.h"
#include "prove/unnamed_members.h"
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
  Term number = terms_.number(x.value);
  if (e.sort().kind != model::SortKind::subset) return number;
  const model::Id<model::IndexSet> set{e.sort().of};
  if (x.value != 0 && encoding_.open_sets().find(set) != nullptr)
    throw support::InputError(
        fmt::format("a subset of `{}` that is written member by member, where the size is left free, "
                    "cannot be encoded",
                    encoding_.model().sets[set].name));
  if (OpenSubsets::is_one(encoding_, e.sort())) number.unnamed = OpenSubsets(encoding_, set).none();
  return number;
}

Term Evaluation::at(const Expr&, const model::ParameterRef& x) const {
  return encoding_.parameter(x.parameter);
}

Term Evaluation::at(const Expr&, const model::Kept& x) const {
  return terms_.truth(encoding_.problem_.valuation.kept.at(x.guard.value));
}

Term Evaluation::at(const Expr& e, const model::Self&) const {
  support::ensures_internal(here_.self.has_value(), "Self is used by a thread");
  return encoding_.member(model::Id<model::IndexSet>{e.sort().of}, *here_.self);
}

Term Evaluation::at(const Expr& e, const model::BoundRef& x) const {
  const auto found = here_.bound.find(x.bound.number);
  support::ensures_internal(found != here_.bound.end(), "a bound name is used where it is bound");
  return encoding_.member(model::Id<model::IndexSet>{e.sort().of}, found->second);
}

// One dimension: its members, and whether the index is one of them.
Evaluation::Positions Evaluation::positions(const Expr& at, model::Id<model::IndexSet> set) const {
  const Term index = of(at);
  const Value size = encoding_.instance_.size(set);
  const OpenSet* open = encoding_.open_sets().find(set);
  Positions result{index, {}, index.defined, {}};
  for (Value m = 0; m < size; ++m) {
    if (index.named && *index.named != m) continue;
    const z3::expr is_it =
        index.named ? terms_.truth(true).value
                    : terms_.both(encoding_.exists(set, m), terms_.equal(index, encoding_.member(set, m)));
    if (!is_it.is_false()) result.members.push_back({m, is_it});
  }
  if (open == nullptr) {
    const bool surely = index.kind == TermKind::bits && index.low >= 0 && index.high < size;
    if (!surely)
      result.defined =
          terms_.both_defined(result.defined, terms_.both(terms_.less_equal(terms_.number(0), index),
                                                          terms_.less(index, terms_.number(size))));
    return result;
  }
  if (index.named) return result;
  // A cell that holds an index holds one that exists.
  const bool is_cell =
      at.sort().kind == model::SortKind::index && std::holds_alternative<model::VariableRef>(at.node().kind);
  const z3::expr exists =
      is_cell ? terms_.truth(true).value
              : terms_.both(terms_.less_equal(terms_.number(0), index), terms_.less(index, open->size));
  if (!is_cell) result.defined = terms_.both_defined(result.defined, exists);
  if (!open->others) return result;
  z3::expr has_a_name = terms_.truth(false).value;
  for (const auto& [member, is_it] : result.members) has_a_name = terms_.either(has_a_name, is_it);
  result.elsewhere = terms_.both(exists, terms_.negated(has_a_name));
  return result;
}

std::optional<z3::expr> Evaluation::has_no_name(const Expr& member) const {
  return positions(member, model::Id<model::IndexSet>{member.sort().of}).elsewhere;
}

Evaluation::Places Evaluation::places(const model::VariableRef& reference) const {
  const model::Instance& instance = encoding_.instance_;
  const auto& dimensions = instance.dimensions(reference.variable);
  Places result{{{0, terms_.truth(true).value}}, {}, {}, {}};
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const Positions here = positions(reference.at[d], dimensions[d]);
    const auto size = static_cast<std::size_t>(instance.size(dimensions[d]));
    std::vector<Place> longer;
    for (const Place& place : result.places)
      for (const auto& [member, is_it] : here.members) {
        const z3::expr condition = terms_.both(place.condition, is_it);
        if (!condition.is_false())
          longer.push_back({place.cell * size + static_cast<std::size_t>(member), condition});
      }
    result.places = std::move(longer);
    result.defined = terms_.both_defined(result.defined, here.defined);
    result.indices.push_back(here.index);
    if (!here.elsewhere) continue;
    result.elsewhere = result.elsewhere ? terms_.either(*result.elsewhere, *here.elsewhere) : *here.elsewhere;
  }
  for (Place& place : result.places) place.cell += instance.first_cell(reference.variable);
  return result;
}

// What a variable is for a member that has no name.
Term Evaluation::elsewhere(model::Id<model::Variable> id, const Places& where) const {
  const std::size_t first = encoding_.instance_.first_cell(id);
  const auto anywhere = [&](const char* what, const z3::sort& sort) {
    return encoding_.open_sets().elsewhere(fmt::format("{}{}!", what, id.value), where.indices, sort);
  };
  Term value = encoding_.like_cell(first, anywhere("elsewhere", encoding_.cells_[first].sort));
  if (encoding_.cells_[first].unnamed)
    value.unnamed = anywhere("unnamed_elsewhere", encoding_.context().int_sort());
  if (const auto& initial = encoding_.model().variables[id].initial)
    encoding_.start_.push_back(terms_.equal(value, encoding_.evaluate({}, *initial)));
  return value;
}

Term Evaluation::at(const Expr&, const model::VariableRef& x) const {
  const Places where = places(x);
  std::size_t left = where.places.size();
  // Of a member that surely does not exist, any value will do: `defined` is false.
  const auto last_resort = [&] {
    if (where.elsewhere) return elsewhere(x.variable, where);
    if (left > 0) --left;
    return encoding_.cell_term(state_, where.places.empty() ? encoding_.instance_.first_cell(x.variable)
                                                            : where.places.back().cell);
  };
  Term value = last_resort();
  for (std::size_t i = left; i-- > 0;)
    value = terms_.conditional(terms_.truth(where.places[i].condition),
                               encoding_.cell_term(state_, where.places[i].cell), value);
  value.defined = where.defined;
  return value;
}

Value Evaluation::members_of(const Expr& e) const {
  if (e.sort().kind != model::SortKind::subset) return 0;
  return encoding_.instance_.size(model::Id<model::IndexSet>{e.sort().of});
}

Term Evaluation::at(const Expr&, const model::Unary& x) const {
  const Term operand = of(x.operand);
  const Term result = terms_.apply(x.op, operand, members_of(x.operand));
  if (x.op != model::UnaryOp::cardinality || !operand.unnamed) return result;
  const OpenSubsets subsets(encoding_, model::Id<model::IndexSet>{x.operand.sort().of});
  return terms_.apply(model::BinaryOp::add, result, {TermKind::integer, subsets.count(*operand.unnamed)});
}

Term Evaluation::with_member(const model::Binary& x) const {
  const model::Id<model::IndexSet> set{x.left.sort().of};
  const Term subset = of(x.left);
  const Positions who = positions(x.right, set);
  const OpenSubsets subsets(encoding_, set);
  const Value most = encoding_.instance_.size(set) == 0 ? 0 : (Value{1} << encoding_.instance_.size(set)) - 1;
  const z3::expr named = terms_.resized(subset, 0, most);
  const auto bit = [&](Value m) { return terms_.resized(terms_.number(Value{1} << m), 0, most); };
  if (x.op == model::BinaryOp::contains) {
    Term holds = terms_.truth(false);
    for (const auto& [m, is_it] : who.members)
      holds.value = terms_.either(holds.value, terms_.both(is_it, (named & bit(m)) != 0));
    if (who.elsewhere)
      holds.value = terms_.either(holds.value,
                                  terms_.both(*who.elsewhere, subsets.contain(*subset.unnamed, who.index)));
    holds.defined = terms_.both_defined(subset.defined, who.index.defined);
    return holds;
  }
  z3::expr one = terms_.resized(terms_.number(0), 0, most);
  for (const auto& [m, is_it] : who.members) one = terms_.choose(is_it, bit(m), one);
  Term result = terms_.bits(x.op == model::BinaryOp::with ? named | one : named & ~one, 0, most);
  result.unnamed = subset.unnamed;
  if (who.elsewhere)
    result.unnamed =
        terms_.choose(*who.elsewhere, subsets.changed(x.op, *subset.unnamed, who.index), *subset.unnamed);
  result.defined = terms_.both_defined(subset.defined, who.defined);
  return result;
}

// An operator whose first operand is a subset of an open set.
Term Evaluation::of_open_subset(const model::Binary& x) const {
  using enum model::BinaryOp;
  if (x.op == contains || x.op == with || x.op == without) return with_member(x);
  const Term left = of(x.left), right = of(x.right);
  Term result = terms_.apply(x.op, left, right, members_of(x.left));
  const OpenSubsets subsets(encoding_, model::Id<model::IndexSet>{x.left.sort().of});
  if (x.op == unite || x.op == intersect || x.op == minus)
    result.unnamed = subsets.combined(x.op, *left.unnamed, *right.unnamed);
  if (x.op == included)
    result.value = terms_.both(result.value, subsets.included(*left.unnamed, *right.unnamed));
  return result;
}

Term Evaluation::at(const Expr&, const model::Binary& x) const {
  if (OpenSubsets::is_one(encoding_, x.left.sort())) return of_open_subset(x);
  const Term left = of(x.left);
  const bool answered = !left.defined && ((x.op == model::BinaryOp::logical_and && left.value.is_false()) ||
                                          (x.op == model::BinaryOp::logical_or && left.value.is_true()) ||
                                          (x.op == model::BinaryOp::implies && left.value.is_false()));
  if (answered) return terms_.truth(x.op != model::BinaryOp::logical_and);
  const Term right = of(x.right);
  if (left.named && right.named && x.left.sort() == x.right.sort()) {
    // Names are given in ascending order.
    const Term a = terms_.number(*left.named), b = terms_.number(*right.named);
    return terms_.apply(x.op, a, b);
  }
  return terms_.apply(x.op, left, right, members_of(x.left));
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
  using enum model::BinaryOp;
  const bool counts = x.kind == model::QuantifierKind::count;
  const bool is_for_all = x.kind == model::QuantifierKind::for_all;
  Term result = counts ? terms_.number(0) : terms_.truth(is_for_all);
  Evaluation inside = *this;
  bool may_lack_a_value = false;
  for (Value m = 0; m < encoding_.instance_.size(x.over); ++m) {
    inside.here_.bound[x.bound.number] = m;
    const Term there = terms_.truth(encoding_.exists(x.over, m));
    const Term body = inside.of(x.body);
    may_lack_a_value = may_lack_a_value || body.defined;
    if (counts) {
      const Term satisfies = terms_.apply(logical_and, there, body);
      Term one = terms_.conditional(terms_.truth(satisfies.value), terms_.number(1), terms_.number(0));
      one.defined = satisfies.defined;
      result = terms_.apply(add, result, one);
    } else {
      result = terms_.apply(is_for_all ? logical_and : logical_or, result,
                            terms_.apply(is_for_all ? implies : logical_and, there, body));
    }
  }
  const OpenSet* open = encoding_.open_sets().find(x.over);
  if (open == nullptr || !open->others) return result;
  const z3::expr more = unnamed_that(encoding_, *this, x);
  if (const auto [given, satisfying] = at_the_start(encoding_, *this, x); satisfying)
    encoding_.start_.push_back(z3::implies(
        given, more == z3::ite(of(*satisfying).value, *open->others, encoding_.context().int_val(0))));
  Term rest = {TermKind::integer, more};
  if (is_for_all) rest = terms_.truth(more == *open->others);
  if (x.kind == model::QuantifierKind::exists) rest = terms_.truth(more >= 1);
  // Nothing is said of whether it has a value for others.
  if (may_lack_a_value) rest.defined = encoding_.new_number() == 0;
  return terms_.apply(counts ? add : is_for_all ? logical_and : logical_or, result, rest);
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
  const Positions member = positions(x.member.front(), *over);
  Term result = terms_.truth(false);
  for (const auto& [m, is_it] : member.members)
    result.value = terms_.either(
        result.value, terms_.both(is_it, in_region(region, encoding_.instance_.thread(region.thread, m))));
  if (member.elsewhere) {
    const std::string what = fmt::format("in{}!", x.region.value);
    const z3::expr there =
        encoding_.open_sets().elsewhere(what, {member.index}, encoding_.context().bool_sort());
    encoding_.start_.push_back(
        there == encoding_.context().bool_val(
                     std::ranges::count(region.labels, encoding_.model().threads[region.thread].start) > 0));
    result.value = terms_.either(result.value, terms_.both(*member.elsewhere, there));
  }
  result.defined = member.defined;
  return result;
}

} // namespace tdxcheck::prove
