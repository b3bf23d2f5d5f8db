// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_write.h"

#include "emit/smt2_open_sets.h"
#include "emit/smt2_open_subsets.h"
#include "emit/smt2_shift.h"
#include "emit/smt2_terms.h"
#include "model/print.h"
#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::BinaryOp;
using model::Expr;
using model::Id;
using model::SortKind;
using model::Value;

namespace {

// A number whatever the state is.
bool is_settled(const Expr& e) {
  if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) {
    const bool arithmetic =
        binary->op == BinaryOp::add || binary->op == BinaryOp::subtract || binary->op == BinaryOp::multiply;
    return arithmetic && is_settled(binary->left) && is_settled(binary->right);
  }
  return std::holds_alternative<model::Literal>(e.node().kind) ||
         std::holds_alternative<model::Self>(e.node().kind) ||
         std::holds_alternative<model::BoundRef>(e.node().kind);
}

} // namespace

Term Write::of(const Expr& e, const Expr& condition, bool holds) const {
  Assumptions more = assumed;
  more.push_back({condition, holds});
  return to.term(e, speaker, more);
}

Term Write::operator()(const model::Literal& e) const { return {to.literal(whole.sort(), e.value), yes}; }

Term Write::operator()(const model::ParameterRef& e) const {
  return {to.names().of(Names::Kind::parameter, to.instance().model().parameters[e.parameter].name), yes};
}

Term Write::operator()(const model::Kept&) const {
  support::ensures_internal(false, "named guards are folded before a model is exported");
  return {};
}

Term Write::operator()(const model::VariableRef& e) const { return to.reference(e, speaker, assumed); }

Term Write::operator()(const model::Self&) const {
  support::ensures_internal(speaker.self.has_value(), "a thread speaks of its own member");
  return {to.open_sets().member(Id<model::IndexSet>{whole.sort().of}, *speaker.self), yes};
}

Term Write::operator()(const model::BoundRef& e) const {
  return {to.open_sets().member(Id<model::IndexSet>{whole.sort().of}, speaker.members.at(e.bound.number)),
          yes};
}

Term Write::operator()(const model::Unary& e) const {
  const Term operand = of(e.operand);
  switch (e.op) {
  case model::UnaryOp::logical_not: return {negated(operand.text), operand.defined};
  case model::UnaryOp::negate: return {call("-", {operand.text}), operand.defined};
  case model::UnaryOp::cardinality: break;
  }
  std::vector<std::string> members;
  const auto size = static_cast<unsigned>(to.instance().size(Id<model::IndexSet>{e.operand.sort().of}));
  for (unsigned i = 0; i < size; ++i)
    members.push_back(if_then_else(equals(extract(operand.text, i, i), "#b1"), "1", "0"));
  if (const auto& others = to.open_subsets(); others.is_one(e.operand.sort()))
    members.push_back(others.how_many(Id<model::IndexSet>{e.operand.sort().of},
                                      others.others(e.operand, speaker, assumed)));
  return {sum(members), operand.defined};
}

// The right operand is looked at only where the left one leaves the answer open.
Term Write::connective(const model::Binary& e) const {
  const Term left = of(e.left);
  const bool needed_if = e.op != BinaryOp::logical_or;
  const Term right = of(e.right, e.left, needed_if);
  const std::string defined =
      both(left.defined, implied(needed_if ? left.text : negated(left.text), right.defined));
  if (e.op == BinaryOp::logical_and) return {both(left.text, right.text), defined};
  if (e.op == BinaryOp::logical_or) return {any_of({left.text, right.text}), defined};
  return {implied(left.text, right.text), defined};
}

Term Write::compared(const model::Binary& e) const {
  // Names are given in ascending order.
  const auto left_name = to.open_sets().name_of(e.left, speaker);
  const auto right_name = to.open_sets().name_of(e.right, speaker);
  if (left_name && right_name && e.left.sort() == e.right.sort()) {
    const bool equal = *left_name == *right_name, less = *left_name < *right_name;
    const bool holds = e.op == BinaryOp::equal       ? equal
                       : e.op == BinaryOp::not_equal ? !equal
                       : e.op == BinaryOp::less      ? less
                                                     : less || equal;
    return {holds ? yes : no, yes};
  }
  Term left, right;
  const bool are_bits = e.left.sort().kind == SortKind::bits;
  bool has_sign = false;
  if (are_bits) {
    const auto negative = [&](const Expr& x) { return *to.interval(x, speaker).low < 0; };
    has_sign = negative(e.left) || negative(e.right);
    const auto width = [&](const Expr& x) {
      return to.width_of(x, speaker) + (has_sign && !negative(x) ? 1U : 0U);
    };
    const unsigned widest = std::max(width(e.left), width(e.right));
    left = to.bits(e.left, widest, speaker, assumed);
    right = to.bits(e.right, widest, speaker, assumed);
  } else {
    left = of(e.left);
    right = of(e.right);
  }
  const std::string defined = both(left.defined, right.defined);
  if (e.op == BinaryOp::equal || e.op == BinaryOp::not_equal) {
    std::string same = equals(left.text, right.text);
    if (const auto& others = to.open_subsets(); others.is_one(e.left.sort()))
      same = both(same,
                  equals(others.others(e.left, speaker, assumed), others.others(e.right, speaker, assumed)));
    return {e.op == BinaryOp::equal ? same : negated(same), defined};
  }
  const bool strictly = e.op == BinaryOp::less;
  const char* of_bits = has_sign ? (strictly ? "bvslt" : "bvsle") : strictly ? "bvult" : "bvule";
  if (!are_bits) return {ordered(strictly ? "<" : "<=", left.text, right.text), defined};
  return {call(of_bits, {left.text, right.text}), defined};
}

Term Write::on_subset(const model::Binary& e) const {
  const Id<model::IndexSet> set{e.left.sort().of};
  const auto size = to.instance().size(set);
  const std::string empty = bits(0, static_cast<unsigned>(size));
  const Term left = of(e.left), right = of(e.right);
  const std::string defined = both(left.defined, right.defined);
  const auto complement = [](const std::string& term) { return call("bvnot", {term}); };
  const OpenSubsets& others = to.open_subsets();
  const bool is_open = others.is_one(e.left.sort());
  switch (e.op) {
  case BinaryOp::unite: return {call("bvor", {left.text, right.text}), defined};
  case BinaryOp::intersect: return {call("bvand", {left.text, right.text}), defined};
  case BinaryOp::minus: return {call("bvand", {left.text, complement(right.text)}), defined};
  case BinaryOp::included: {
    const std::string of_the_named = equals(call("bvand", {left.text, complement(right.text)}), empty);
    if (!is_open) return {of_the_named, defined};
    return {both(of_the_named, others.is_included(set, others.others(e.left, speaker, assumed),
                                                  others.others(e.right, speaker, assumed))),
            defined};
  }
  default: break;
  }
  if (is_open) return on_open_subset(e, left, right);
  const Interval member = to.interval(e.right, speaker);
  const bool exists = member.lies_in(0, size - 1);
  const bool is_known = exists && member.low == member.high;
  if (e.op == BinaryOp::contains && is_known) {
    const auto i = static_cast<unsigned>(*member.low);
    return {equals(extract(left.text, i, i), "#b1"), defined};
  }
  if (e.op != BinaryOp::contains && !exists)
    throw support::InputError(
        fmt::format("`{}` may be no member of the set, and SMT-LIB's bit-vectors have no "
                    "place for it",
                    model::print(to.instance().model(), e.right)));
  const std::string alone =
      is_known ? bits(Value{1} << *member.low, static_cast<unsigned>(size)) : to.member_of(set, right);
  if (e.op == BinaryOp::contains) return {negated(equals(call("bvand", {left.text, alone}), empty)), defined};
  if (e.op == BinaryOp::with) return {call("bvor", {left.text, alone}), defined};
  return {call("bvand", {left.text, complement(alone)}), defined};
}

// `contains`, `with` and `without`, as far as members have names.
Term Write::on_open_subset(const model::Binary& e, const Term& left, const Term& right) const {
  const Id<model::IndexSet> set{e.left.sort().of};
  const auto size = static_cast<unsigned>(to.instance().size(set));
  const auto name = to.open_sets().name_of(e.right, speaker);
  const std::string alone = name ? bits(Value{1} << *name, size) : to.member_of(set, right);
  std::string defined = both(left.defined, right.defined);
  if (e.op == BinaryOp::contains) {
    const auto place = static_cast<unsigned>(name.value_or(0));
    const std::string named = name ? equals(extract(left.text, place, place), "#b1")
                                   : negated(equals(call("bvand", {left.text, alone}), bits(0, size)));
    return {any_of({named, to.open_subsets().has_other(e, speaker, assumed)}), defined};
  }
  defined = both(defined, to.is_member(e.right, right, set, speaker, assumed));
  if (e.op == BinaryOp::with) return {call("bvor", {left.text, alone}), defined};
  return {call("bvand", {left.text, call("bvnot", {alone})}), defined};
}

// Of integers: a product, or a quotient that is rounded down (`div` by a positive number is).
Term Write::shifted(const model::Binary& e) const {
  const Term operand = of(e.left);
  Term result = smt2::shifted(to, e.right, speaker, assumed, [&](unsigned places) {
    if (places == 0 || operand.text == "0") return operand.text;
    if (e.op == BinaryOp::shift_left)
      return call("*", {operand.text, number(Value{1} << std::min(places, 62U))});
    if (places > 62) return if_then_else(call("<", {operand.text, "0"}), number(-1), "0");
    return call("div", {operand.text, number(Value{1} << places)});
  });
  result.defined = both(operand.defined, result.defined);
  return result;
}

Term Write::operator()(const model::Binary& e) const {
  using enum BinaryOp;
  switch (e.op) {
  case logical_and:
  case logical_or:
  case implies: return connective(e);
  case equal:
  case not_equal:
  case less:
  case less_equal: return compared(e);
  case contains:
  case with:
  case without:
  case unite:
  case intersect:
  case minus:
  case included: return on_subset(e);
  case shift_left:
  case shift_right: return shifted(e);
  case add:
  case subtract:
  case multiply:
  case bit_and:
  case bit_or:
  case bit_xor: break;
  }
  if (is_settled(whole)) return {number(*to.interval(whole, speaker).low), yes};
  const Term left = of(e.left), right = of(e.right);
  const std::string defined = both(left.defined, right.defined);
  if (e.op == add) return {call("+", {left.text, right.text}), defined};
  if (e.op == subtract) return {call("-", {left.text, right.text}), defined};
  support::ensures_internal(e.op == multiply, "only bits have bits");
  return {call("*", {left.text, right.text}), defined};
}

Term Write::operator()(const model::Conditional& e) const {
  const Term condition = of(e.condition);
  const Term then = of(e.then, e.condition, true), otherwise = of(e.otherwise, e.condition, false);
  return {if_then_else(condition.text, then.text, otherwise.text),
          both(condition.defined, if_then_else(condition.text, then.defined, otherwise.defined))};
}

Term Write::operator()(const model::Wrap&) const {
  support::ensures_internal(false, "what wraps is bits");
  return {};
}

Term Write::operator()(const model::Quantified& e) const {
  const OpenSets& open = to.open_sets();
  const bool is_open = open.contains(e.over);
  std::vector<Term> members;
  std::vector<std::string> there;
  bool always_defined = true;
  Speaker inside = speaker;
  for (Value m = 0; m < to.instance().size(e.over); ++m) {
    inside.members[e.bound.number] = m;
    members.push_back(to.term(e.body, inside, assumed));
    there.push_back(open.exists(e.over, m));
    always_defined = always_defined && members.back().defined == yes;
  }
  std::vector<std::string> texts;
  std::string defined = yes;
  // Whether it has a value for those without a name is anybody's guess.
  if (is_open && !always_defined) defined = open.anything();
  for (std::size_t m = members.size(); m-- > 0;) { // what comes after the answer is not looked at
    if (e.kind == model::QuantifierKind::for_all) defined = implied(both(there[m], members[m].text), defined);
    if (e.kind == model::QuantifierKind::exists)
      defined = implied(negated(both(there[m], members[m].text)), defined);
    defined = both(implied(there[m], members[m].defined), defined);
  }
  for (std::size_t m = 0; m < members.size(); ++m) {
    const std::string satisfies = both(there[m], members[m].text);
    switch (e.kind) {
    case model::QuantifierKind::for_all: texts.push_back(implied(there[m], members[m].text)); break;
    case model::QuantifierKind::exists: texts.push_back(satisfies); break;
    case model::QuantifierKind::count: texts.push_back(if_then_else(satisfies, "1", "0")); break;
    }
  }
  if (is_open) {
    const std::string others = open.others_that(e, speaker);
    switch (e.kind) {
    case model::QuantifierKind::for_all: texts.push_back(equals(others, open.others(e.over))); break;
    case model::QuantifierKind::exists: texts.push_back(call("<=", {"1", others})); break;
    case model::QuantifierKind::count: texts.push_back(others); break;
    }
  }
  switch (e.kind) {
  case model::QuantifierKind::for_all: return {all_of(texts), defined};
  case model::QuantifierKind::exists: return {any_of(texts), defined};
  case model::QuantifierKind::count: break;
  }
  return {sum(texts), defined};
}

Term Write::operator()(const model::InRegion& e) const { return to.region(e, speaker, assumed); }

} // namespace tdxcheck::emit::smt2
