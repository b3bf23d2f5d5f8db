// SPDX-License-Identifier: GPL-2.0-or-later
#include "emit/smt2_open_subsets.h"

#include "emit/smt2_open_sets.h"
#include "emit/smt2_terms.h"
#include "support/contract.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::emit::smt2 {

using model::BinaryOp;
using model::Expr;
using model::Id;
using model::IndexSet;

namespace {

bool is_zero(const std::string& term) { return term == "0"; }

} // namespace

bool OpenSubsets::is_one(const model::Sort& sort) const {
  return sort.kind == model::SortKind::subset && to_.open_sets().contains(Id<IndexSet>{sort.of});
}

std::string OpenSubsets::function(Id<IndexSet> set, const std::string& what,
                                  const std::vector<std::string>& arguments, const char* sort) const {
  return to_.open_sets().constant_function(
      fmt::format("{} of {}", what, to_.instance().model().sets[set].name), arguments, sort);
}

std::string OpenSubsets::has_no_name(Id<IndexSet> set, const std::string& index) const {
  std::vector<std::string> all{call("<=", {"0", index}), call("<", {index, to_.open_sets().size(set)})};
  for (model::Value m = 0; m < to_.instance().size(set); ++m)
    all.push_back(
        negated(both(to_.open_sets().exists(set, m), equals(index, to_.open_sets().member(set, m)))));
  return all_of(all);
}

std::string OpenSubsets::has_none(const std::string& others) const { return equals(others, "0"); }

std::string OpenSubsets::how_many(Id<IndexSet> set, const std::string& others) const {
  if (is_zero(others)) return "0";
  const std::string number = function(set, "how many", {others}, "Int");
  const std::string can_be = call("<=", {"1", number, to_.open_sets().others(set)});
  return if_then_else(has_none(others), "0", if_then_else(can_be, number, "1"));
}

std::string OpenSubsets::has_all(Id<IndexSet> set, const std::string& others) const {
  return equals(how_many(set, others), to_.open_sets().others(set));
}

std::string OpenSubsets::is_included(Id<IndexSet> set, const std::string& a, const std::string& b) const {
  if (is_zero(b)) return has_none(a);
  return any_of(
      {has_none(a), equals(a, b), both(negated(has_none(b)), function(set, "included", {a, b}, "Bool"))});
}

std::string OpenSubsets::has_other(const model::Binary& e, const Speaker& speaker,
                                   const Assumptions& assumed) const {
  const Id<IndexSet> set{e.left.sort().of};
  if (to_.open_sets().name_of(e.right, speaker)) return no;
  const std::string subset = others(e.left, speaker, assumed);
  if (is_zero(subset)) return no;
  const std::string index = to_.term(e.right, speaker, assumed).text;
  return all_of({has_no_name(set, index), negated(has_none(subset)),
                 function(set, "contained", {subset, index}, "Bool")});
}

std::string OpenSubsets::of(const model::Binary& e, const Speaker& speaker,
                            const Assumptions& assumed) const {
  const Id<IndexSet> set{e.left.sort().of};
  const std::string a = others(e.left, speaker, assumed);
  if (e.op == BinaryOp::with || e.op == BinaryOp::without) {
    if (to_.open_sets().name_of(e.right, speaker)) return a;
    const std::string index = to_.term(e.right, speaker, assumed).text;
    const bool puts = e.op == BinaryOp::with;
    const std::string changed = function(set, puts ? "with another" : "without another", {a, index}, "Int");
    const std::string is_in = has_other({BinaryOp::contains, e.left, e.right}, speaker, assumed);
    return if_then_else(puts ? both(has_no_name(set, index), negated(is_in)) : is_in, changed, a);
  }
  const std::string b = others(e.right, speaker, assumed);
  switch (e.op) {
  case BinaryOp::unite:
    if (is_zero(a) || a == b) return b;
    if (is_zero(b)) return a;
    return if_then_else(
        has_none(a), b,
        if_then_else(any_of({has_none(b), equals(a, b)}), a, function(set, "united", {a, b}, "Int")));
  case BinaryOp::intersect:
    return if_then_else(any_of({has_none(a), has_none(b)}), "0",
                        if_then_else(equals(a, b), a, function(set, "common", {a, b}, "Int")));
  case BinaryOp::minus:
    return if_then_else(any_of({has_none(a), equals(a, b)}), "0",
                        if_then_else(has_none(b), a, function(set, "left", {a, b}, "Int")));
  default: break;
  }
  support::ensures_internal(false, "an operator that yields a subset");
  return a;
}

std::string OpenSubsets::others(const Expr& e, const Speaker& speaker, const Assumptions& assumed) const {
  if (const auto* read = std::get_if<model::VariableRef>(&e.node().kind))
    return to_.others_of(*read, speaker, assumed);
  if (const auto* binary = std::get_if<model::Binary>(&e.node().kind)) return of(*binary, speaker, assumed);
  if (const auto* choice = std::get_if<model::Conditional>(&e.node().kind))
    return if_then_else(to_.term(choice->condition, speaker, assumed).text,
                        others(choice->then, speaker, assumed), others(choice->otherwise, speaker, assumed));
  support::ensures_internal(std::holds_alternative<model::Literal>(e.node().kind), "what a subset may be");
  return "0"; // the others were refused
}

std::string OpenSubsets::range(std::size_t cell, const std::string& state) const {
  const model::Sort sort = to_.instance().sort(cell);
  if (!is_one(sort)) return yes;
  const Id<IndexSet> set{sort.of};
  std::vector<std::string> all;
  for (model::Value m = 0; m < to_.instance().size(set); ++m) {
    const auto place = static_cast<unsigned>(m);
    all.push_back(
        implied(equals(extract(to_.cell(cell, state), place, place), "#b1"), to_.open_sets().exists(set, m)));
  }
  const std::string number = to_.cell(*to_.others_cell(cell), state);
  all.push_back(implied(equals(to_.open_sets().others(set), "0"), has_none(number)));
  return all_of(all);
}

std::vector<Expr> OpenSubsets::touched(const Expr& value) {
  if (const auto* choice = std::get_if<model::Conditional>(&value.node().kind)) {
    std::vector<Expr> all = touched(choice->then), more = touched(choice->otherwise);
    const std::vector<Expr> asked = touched(choice->condition);
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), asked.begin(), asked.end());
    return all;
  }
  if (const auto* unary = std::get_if<model::Unary>(&value.node().kind)) return touched(unary->operand);
  const auto* binary = std::get_if<model::Binary>(&value.node().kind);
  if (binary == nullptr) return {};
  std::vector<Expr> all = touched(binary->left);
  const std::vector<Expr> more = touched(binary->right);
  all.insert(all.end(), more.begin(), more.end());
  const bool touches = binary->op == BinaryOp::with || binary->op == BinaryOp::without;
  const bool has_one = std::holds_alternative<model::Self>(binary->right.node().kind) ||
                       std::holds_alternative<model::BoundRef>(binary->right.node().kind);
  if (touches && !has_one) all.push_back(binary->right);
  return all;
}

} // namespace tdxcheck::emit::smt2
