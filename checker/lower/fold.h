// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Rewriting of expressions: leaves are replaced, constants folded, boolean and arithmetic identities used on
// the way up. An operand that can have no value (a member that does not exist) is dropped where the other
// operand decides; otherwise the meaning is kept exactly, and what has no value stays as it is written.

#include <functional>
#include <optional>

#include "model/model.h"

namespace tdxcheck::lower {

// Asked for every subexpression before it is looked into; what it answers is taken as it is.
using Replacement = std::function<std::optional<model::Expr>(const model::Expr&)>;

[[nodiscard]] model::Expr rewrite(const model::Model& model, const model::Expr& expression,
                                  const Replacement& replacement);
// Without replacements.
[[nodiscard]] model::Expr simplify(const model::Model& model, const model::Expr& expression);
// Parameters and kept guards become literals, but for the parameters that are left free; of those it is known
// that none is `unlimited`.
[[nodiscard]] model::Expr fold(const model::Model& model, const model::Valuation& valuation,
                               const model::Expr& expression,
                               const std::vector<model::Id<model::Parameter>>& free = {});

[[nodiscard]] std::optional<model::Value> literal_value(const model::Expr& expression);
[[nodiscard]] bool is_boolean(const model::Expr& expression);
[[nodiscard]] bool are_negations(const model::Expr& a, const model::Expr& b);
// The subexpressions directly below.
[[nodiscard]] std::vector<model::Expr> operands(const model::Expr& expression);

} // namespace tdxcheck::lower
