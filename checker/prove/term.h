// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Values of model expressions as Z3 terms. A number is a bit-vector that is just wide enough for the bounds
// that are known of it, so that arithmetic is exact and never wraps by accident; or a mathematical integer
// where a bound is not known. A constant of an enumeration is one of a datatype, or a number.
//
// Private to prove/: the only headers of the tree that see Z3 are this one and those that include it.

#include <optional>
#include <string>
#include <vector>

#include <z3++.h>

#include "model/expression.h"

namespace tdxcheck::prove {

enum class TermKind : std::uint8_t { truth, bits, integer, constant };

struct Term {
  TermKind kind;
  z3::expr value;
  // Of `bits`: the bounds. The bit-vector is two's complement if `low` is negative, and else unsigned.
  model::Value low = 0, high = 0;
  // Where it has a value at all; nothing: everywhere.
  std::optional<z3::expr> defined = {};
  // Which named member of an open set it surely is (open_sets.h).
  std::optional<model::Value> named = {};
  // Of a subset of an open set, whose bits are named members: what it has of the others (open_subsets.h).
  std::optional<z3::expr> unnamed = {};

  [[nodiscard]] bool is_known() const { return kind == TermKind::bits && low == high; }
};

// Of a bit-vector for these bounds.
[[nodiscard]] unsigned width_of(model::Value low, model::Value high);

// Operators. What cannot be encoded is a support::InputError that names it.
class Terms {
public:
  explicit Terms(z3::context& context) : context_(context) {}

  [[nodiscard]] Term truth(bool value) const { return {TermKind::truth, context_.bool_val(value)}; }
  [[nodiscard]] Term truth(z3::expr value) const { return {TermKind::truth, std::move(value)}; }
  [[nodiscard]] Term number(model::Value value) const;
  // A bit-vector constant or term with these bounds.
  [[nodiscard]] Term bits(z3::expr value, model::Value low, model::Value high) const;

  [[nodiscard]] Term apply(model::UnaryOp op, const Term& operand, model::Value members) const;
  // `members`: of the set that a subset is of; else of no account.
  [[nodiscard]] Term apply(model::BinaryOp op, const Term& left, const Term& right,
                           model::Value members = 0) const;
  [[nodiscard]] Term conditional(const Term& condition, const Term& then, const Term& otherwise) const;
  [[nodiscard]] Term wrap(model::Value width, const Term& operand) const;

  // Plain formulas that leave `defined` aside.
  [[nodiscard]] z3::expr equal(const Term& a, const Term& b) const;
  [[nodiscard]] z3::expr less(const Term& a, const Term& b) const;
  [[nodiscard]] z3::expr less_equal(const Term& a, const Term& b) const;
  // As a bit-vector of the width for these bounds, which contain the value or else it is cut off.
  [[nodiscard]] z3::expr resized(const Term& term, model::Value low, model::Value high) const;
  [[nodiscard]] z3::expr as_integer(const Term& term) const;

  [[nodiscard]] z3::expr both(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr either(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr implies(const z3::expr& a, const z3::expr& b) const { return either(negated(a), b); }
  [[nodiscard]] z3::expr negated(const z3::expr& a) const;
  [[nodiscard]] z3::expr choose(const z3::expr& condition, const z3::expr& then,
                                const z3::expr& otherwise) const;
  [[nodiscard]] std::optional<z3::expr> both_defined(const std::optional<z3::expr>& a,
                                                     const std::optional<z3::expr>& b) const;

private:
  [[nodiscard]] z3::expr equal_numbers(const Term& a, const Term& b) const;
  [[nodiscard]] Term arithmetic(model::BinaryOp op, const Term& a, const Term& b) const;
  [[nodiscard]] Term bitwise(model::BinaryOp op, const Term& a, const Term& b) const;
  [[nodiscard]] Term shifted(model::BinaryOp op, const Term& a, const Term& b) const;
  [[nodiscard]] Term member(model::BinaryOp op, const Term& set, const Term& index,
                            model::Value members) const;
  [[nodiscard]] Term without_definedness(model::BinaryOp op, const Term& a, const Term& b,
                                         model::Value members) const;

  z3::context& context_;
};

} // namespace tdxcheck::prove
