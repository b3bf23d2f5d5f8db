// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One function per kind of node: of everything but bits, and of bits. Private to emit/smt2_*.

#include "emit/smt2_expression.h"

namespace tdxcheck::emit::smt2 {

struct Write {
  const Expressions& to;
  const Speaker& speaker;
  const Assumptions& assumed;
  const model::Expr& whole;

  Term operator()(const model::Literal& e) const;
  Term operator()(const model::ParameterRef& e) const;
  Term operator()(const model::Kept& e) const;
  Term operator()(const model::VariableRef& e) const;
  Term operator()(const model::Self& e) const;
  Term operator()(const model::BoundRef& e) const;
  Term operator()(const model::Unary& e) const;
  Term operator()(const model::Binary& e) const;
  Term operator()(const model::Conditional& e) const;
  Term operator()(const model::Wrap& e) const;
  Term operator()(const model::Quantified& e) const;
  Term operator()(const model::InRegion& e) const;

private:
  [[nodiscard]] Term of(const model::Expr& e) const { return to.term(e, speaker, assumed); }
  // Where `condition` is known besides to be true, or to be false.
  [[nodiscard]] Term of(const model::Expr& e, const model::Expr& condition, bool holds) const;
  [[nodiscard]] Term connective(const model::Binary& e) const;
  [[nodiscard]] Term compared(const model::Binary& e) const;
  [[nodiscard]] Term on_subset(const model::Binary& e) const;
  [[nodiscard]] Term on_open_subset(const model::Binary& e, const Term& left, const Term& right) const;
  [[nodiscard]] Term shifted(const model::Binary& e) const;
};

struct WriteBits {
  const Expressions& to;
  const Speaker& speaker;
  const Assumptions& assumed;
  const model::Expr& whole;
  unsigned width;

  Term operator()(const model::Literal& e) const;
  Term operator()(const model::ParameterRef& e) const;
  Term operator()(const model::Kept& e) const;
  Term operator()(const model::VariableRef& e) const;
  Term operator()(const model::Self& e) const;
  Term operator()(const model::BoundRef& e) const;
  Term operator()(const model::Unary& e) const;
  Term operator()(const model::Binary& e) const;
  Term operator()(const model::Conditional& e) const;
  Term operator()(const model::Wrap& e) const;
  Term operator()(const model::Quantified& e) const;
  Term operator()(const model::InRegion& e) const;

private:
  [[nodiscard]] Term of(const model::Expr& e) const { return to.bits(e, width, speaker, assumed); }
  [[nodiscard]] Term shifted(const model::Binary& e) const;
};

} // namespace tdxcheck::emit::smt2
