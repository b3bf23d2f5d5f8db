// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Expressions with some of their parts replaced. Private to emit/.

#include "model/expression.h"

#include <functional>
#include <optional>

namespace tdxcheck::emit {

using Substitution = std::function<std::optional<model::Expr>(const model::Expr&)>;

// Every part for which there is a replacement; the outermost counts.
[[nodiscard]] model::Expr substitute(const model::Expr& expression, const Substitution& by);

[[nodiscard]] bool speaks_of(const model::Expr& expression, const model::BoundName& name);

} // namespace tdxcheck::emit
