// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sizes, ranges, widths and initial values: expressions over parameters and named guards alone. Anything else
// has no value before there is a state; validate refuses it in these places. Numbers that do not fit are the
// user's (a parameter was set too high), hence an InputError.
#include "model/instance.h"

#include "model/arithmetic.h"
#include "model/print.h"
#include "support/contract.h"
#include "support/error.h"

#include <fmt/format.h>

#include <optional>

namespace tdxcheck::model {
namespace {

struct Constant {
  const Model& model;
  const Valuation& valuation;

  Value of(const Expr& e) const {
    support::expects(!e.empty(), "an empty expression has no value");
    return std::visit([&](const auto& kind) { return value(e, kind); }, e.node().kind);
  }

  Value known(const Expr& e, std::optional<Value> value) const {
    if (!value) throw support::InputError(fmt::format("{}: `{}` has no value", model.name, print(model, e)));
    return *value;
  }
  static Value no_constant() {
    support::expects(false, "only parameters and named guards have a value before there is a state");
    return 0;
  }

  Value value(const Expr&, const Literal& literal) const { return literal.value; }
  Value value(const Expr&, const ParameterRef& reference) const {
    return valuation.parameters.at(reference.parameter.value);
  }
  Value value(const Expr&, const Kept& kept) const { return valuation.kept.at(kept.guard.value) ? 1 : 0; }
  Value value(const Expr&, const VariableRef&) const { return no_constant(); }
  Value value(const Expr&, const Self&) const { return no_constant(); }
  Value value(const Expr&, const BoundRef&) const { return no_constant(); }
  Value value(const Expr&, const Quantified&) const { return no_constant(); }
  Value value(const Expr&, const InRegion&) const { return no_constant(); }

  Value value(const Expr& e, const Unary& unary) const {
    return known(e, apply(unary.op, of(unary.operand)));
  }
  Value value(const Expr& e, const Binary& binary) const {
    const Value left = of(binary.left);
    // The right side need not make sense where the left one decides.
    if (const auto decided = decided_by_left(binary.op, left)) return *decided;
    return known(e, apply(binary.op, left, of(binary.right)));
  }
  Value value(const Expr&, const Conditional& conditional) const {
    return of(of(conditional.condition) != 0 ? conditional.then : conditional.otherwise);
  }
  Value value(const Expr& e, const Wrap& wrapped) const {
    return known(e, wrap(of(wrapped.width), of(wrapped.operand)));
  }
};

} // namespace

Value evaluate_constant(const Model& model, const Valuation& valuation, const Expr& expression) {
  support::expects(valuation.parameters.size() == model.parameters.size() &&
                       valuation.kept.size() == model.guards.size(),
                   "a valuation has a value for every parameter and every named guard of its model");
  return Constant{model, valuation}.of(expression);
}

} // namespace tdxcheck::model
