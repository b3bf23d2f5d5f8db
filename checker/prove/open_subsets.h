// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Subsets of a set of any size. One bit for each member that has a name; what a subset has of the members
// without one is a value of which nothing is known but whether it is another's, an integer: 0 where there is
// none of them. Members without a name are put in and taken out by steps of their own only, which this one
// is not (result/proof.h), and otherwise with all others, by copying, uniting, emptying. So each operation is
// a function of these values, of which only this much is said: what comes of nothing, and of one and the same
// subset; that a subset that has some of them has between one and all.
//
// Members satisfy conditions that ask whether they are in a subset as unnamed_members.h has it: how many do
// is a function of the value, and told exactly where the subset has none of them, or all.
//
// The integers are no sets to the solver: its theory of arrays would know that a member is in a union because
// it is in one of the parts, and would be asked about arrays for each of the counts. No claim needed that
// yet.
//
// Tests: prove_subsets_of_any_size_test.cpp. Private to prove/.

#include "prove/encoding.h"

namespace tdxcheck::prove {

// Of the members of `set` without a name, which are there, and with conditions for the case that some index
// names one of them.
class OpenSubsets {
public:
  OpenSubsets(const Encoding& encoding, model::Id<model::IndexSet> set);

  // A subset of the set; it is open, and some members have no name.
  [[nodiscard]] static bool is_one(const Encoding& encoding, const model::Sort& sort);

  [[nodiscard]] z3::expr none() const;
  [[nodiscard]] z3::expr are_none(const z3::expr& of) const { return of == none(); }
  [[nodiscard]] z3::expr are_all(const z3::expr& of) const;
  [[nodiscard]] z3::expr count(const z3::expr& of) const;
  [[nodiscard]] z3::expr contain(const z3::expr& of, const Term& member) const;
  // With the member, or without it.
  [[nodiscard]] z3::expr changed(model::BinaryOp op, const z3::expr& of, const Term& member) const;
  // unite, intersect, minus.
  [[nodiscard]] z3::expr combined(model::BinaryOp op, const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr included(const z3::expr& a, const z3::expr& b) const;

private:
  [[nodiscard]] z3::expr some(const z3::expr& of) const; // `of`, which are not none
  [[nodiscard]] z3::expr apply(const char* what, const std::vector<z3::expr>& to, const z3::sort& sort) const;

  const Encoding& encoding_;
  model::Id<model::IndexSet> set_;
};

} // namespace tdxcheck::prove
