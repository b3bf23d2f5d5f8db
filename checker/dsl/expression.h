// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions as a protocol writes them: `assoc[v] == c && !vm_dead`. An Expr is a tree, not a value: the C++
// code that builds it runs once, so an `if` on one would decide nothing and does not compile. Write
// when(...).then(...) instead.

#include <initializer_list>
#include <string>

#include "model/model.h"

namespace tdxcheck::dsl {

class Expr {
public:
  Expr() = default;
  Expr(bool value);           // NOLINT: `x == true` should read so
  Expr(int value);            // NOLINT
  Expr(const char* constant); // NOLINT: a constant of the enumeration it meets
  explicit Expr(model::Expr tree, model::Expr width = {})
      : tree_(std::move(tree)), width_(std::move(width)) {}

  // A model is built, not run: see when().
  explicit operator bool() const = delete;

  // The tree; where the expression is still a bare constant name or number, as the sort it meets.
  [[nodiscard]] model::Expr tree() const;
  [[nodiscard]] model::Expr as(const model::Sort& sort) const;
  [[nodiscard]] const model::Expr& width() const { return width_; } // of `bits`; else empty
  [[nodiscard]] bool empty() const { return tree_.empty() && constant_.empty(); }
  // It has no sort of its own yet: a number or a constant's name.
  [[nodiscard]] bool adapts() const;

private:
  model::Expr tree_;
  model::Expr width_;
  std::string constant_;
};

[[nodiscard]] Expr operator!(const Expr& a);
[[nodiscard]] Expr operator&&(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator||(const Expr& a, const Expr& b);
[[nodiscard]] Expr implies(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator==(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator!=(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator<(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator<=(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator>(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator>=(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator+(const Expr& a, const Expr& b); // bits wrap
[[nodiscard]] Expr operator-(const Expr& a, const Expr& b); // subsets: difference
[[nodiscard]] Expr operator*(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator&(const Expr& a, const Expr& b); // bits, or subsets: intersection
[[nodiscard]] Expr operator|(const Expr& a, const Expr& b); // bits, or subsets: union
[[nodiscard]] Expr operator^(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator~(const Expr& a);
[[nodiscard]] Expr operator<<(const Expr& a, const Expr& b);
[[nodiscard]] Expr operator>>(const Expr& a, const Expr& b);

[[nodiscard]] Expr choose(const Expr& condition, const Expr& then, const Expr& otherwise);

// Optional indices: `none` is no member.
[[nodiscard]] Expr is_none(const Expr& optional);
[[nodiscard]] Expr is_some(const Expr& optional);
[[nodiscard]] Expr none();
// The member where the condition holds, else none: an index as an optional index.
[[nodiscard]] Expr only_if(const Expr& condition, const Expr& index);

// Subsets.
[[nodiscard]] Expr contains(const Expr& subset, const Expr& member);
[[nodiscard]] Expr with(const Expr& subset, const Expr& member);
[[nodiscard]] Expr without(const Expr& subset, const Expr& member);
[[nodiscard]] Expr count(const Expr& subset);
[[nodiscard]] Expr empty_set();

} // namespace tdxcheck::dsl
