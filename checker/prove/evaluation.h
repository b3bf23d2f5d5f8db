// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One expression in one symbolic state. Private to prove/.

#include "prove/encoding.h"

namespace tdxcheck::prove {

class Evaluation {
public:
  Evaluation(const Encoding& encoding, const Symbols& state, Surroundings here)
      : encoding_(encoding), terms_(encoding.terms_), state_(state), here_(std::move(here)) {}

  [[nodiscard]] Term of(const model::Expr& expression) const;
  // The members that `at` names, one by one: for which cell under which condition. `defined` says whether
  // they exist (nothing: surely), `elsewhere` that they do and some has no name.
  struct Place {
    std::size_t cell;
    z3::expr condition;
  };
  struct Places {
    std::vector<Place> places;
    std::optional<z3::expr> defined, elsewhere;
    std::vector<Term> indices;
  };
  [[nodiscard]] Places places(const model::VariableRef& reference) const;
  // It is a member of an open set that has no name; nothing: surely not.
  [[nodiscard]] std::optional<z3::expr> has_no_name(const model::Expr& member) const;

private:
  struct Positions { // in one dimension
    Term index;
    std::vector<std::pair<model::Value, z3::expr>> members; // that it may be, and when it is
    std::optional<z3::expr> defined, elsewhere;
  };
  [[nodiscard]] Positions positions(const model::Expr& at, model::Id<model::IndexSet> set) const;
  [[nodiscard]] Term elsewhere(model::Id<model::Variable> variable, const Places& where) const;

  [[nodiscard]] Term at(const model::Expr& e, const model::Literal& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::ParameterRef& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Kept& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::VariableRef& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Self& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::BoundRef& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Unary& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Binary& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Conditional& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Wrap& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::Quantified& x) const;
  [[nodiscard]] Term at(const model::Expr& e, const model::InRegion& x) const;
  [[nodiscard]] model::Value members_of(const model::Expr& subset) const;
  [[nodiscard]] Term of_open_subset(const model::Binary& x) const;
  [[nodiscard]] Term with_member(const model::Binary& x) const;
  [[nodiscard]] z3::expr in_region(const model::Region& region, std::size_t thread) const;

  const Encoding& encoding_;
  const Terms& terms_;
  const Symbols& state_;
  Surroundings here_;
};

} // namespace tdxcheck::prove
