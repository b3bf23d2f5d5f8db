// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/open_subsets.h"

#include <fmt/format.h>

#include "prove/open_sets.h"
#include "support/contract.h"

namespace tdxcheck::prove {

using model::BinaryOp;

OpenSubsets::OpenSubsets(const Encoding& encoding, model::Id<model::IndexSet> set)
    : encoding_(encoding), set_(set) {}

bool OpenSubsets::is_one(const Encoding& encoding, const model::Sort& sort) {
  if (sort.kind != model::SortKind::subset) return false;
  const OpenSet* open = encoding.open_sets().find(model::Id<model::IndexSet>{sort.of});
  return open != nullptr && open->others;
}

z3::expr OpenSubsets::apply(const char* what, const std::vector<z3::expr>& to, const z3::sort& sort) const {
  z3::context& context = encoding_.context();
  z3::sort_vector sorts(context);
  z3::expr_vector arguments(context);
  for (const z3::expr& argument : to) {
    sorts.push_back(argument.get_sort());
    arguments.push_back(argument);
  }
  return context.function(fmt::format("{}{}!", what, set_.value).c_str(), sorts, sort)(arguments);
}

z3::expr OpenSubsets::none() const { return encoding_.context().int_val(0); }

z3::expr OpenSubsets::are_all(const z3::expr& of) const {
  return count(of) == *encoding_.open_sets().find(set_)->others;
}

// What the function says beyond what can be is of no account.
z3::expr OpenSubsets::count(const z3::expr& of) const {
  z3::context& context = encoding_.context();
  const z3::expr number = apply("count", {of}, context.int_sort());
  const z3::expr& most = *encoding_.open_sets().find(set_)->others;
  return z3::ite(are_none(of), context.int_val(0),
                 z3::ite(number >= 1 && number <= most, number, context.int_val(1)));
}

z3::expr OpenSubsets::contain(const z3::expr& of, const Term& member) const {
  return !are_none(of) &&
         apply("contain", {of, encoding_.terms().as_integer(member)}, encoding_.context().bool_sort());
}

z3::expr OpenSubsets::some(const z3::expr& of) const {
  return z3::ite(are_none(of), encoding_.context().int_val(1), of);
}

z3::expr OpenSubsets::changed(BinaryOp op, const z3::expr& of, const Term& member) const {
  const z3::sort same = encoding_.context().int_sort();
  const std::vector<z3::expr> to{of, encoding_.terms().as_integer(member)};
  if (op == BinaryOp::with) return z3::ite(contain(of, member), of, some(apply("with", to, same)));
  return z3::ite(contain(of, member), apply("without", to, same), of);
}

z3::expr OpenSubsets::combined(BinaryOp op, const z3::expr& a, const z3::expr& b) const {
  const z3::sort same = encoding_.context().int_sort();
  switch (op) {
  case BinaryOp::unite:
    return z3::ite(are_none(a), b, z3::ite(are_none(b) || a == b, a, some(apply("unite", {a, b}, same))));
  case BinaryOp::intersect:
    return z3::ite(are_none(a) || are_none(b), none(), z3::ite(a == b, a, apply("intersect", {a, b}, same)));
  case BinaryOp::minus:
    return z3::ite(are_none(a) || a == b, none(), z3::ite(are_none(b), a, apply("minus", {a, b}, same)));
  default: break;
  }
  support::ensures_internal(false, "an operator that combines subsets");
  return a;
}

z3::expr OpenSubsets::included(const z3::expr& a, const z3::expr& b) const {
  return are_none(a) || a == b ||
         (!are_none(b) && apply("included", {a, b}, encoding_.context().bool_sort()));
}

} // namespace tdxcheck::prove
