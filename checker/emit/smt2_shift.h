// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Shifts, by a number of places that may depend on the state: one case for each. Private to emit/smt2_*.

#include "emit/smt2_expression.h"

#include <functional>

namespace tdxcheck::emit::smt2 {

// `by(n)`: the operand shifted by n places. InputError if there is no bound on the places.
[[nodiscard]] Term shifted(const Expressions& to, const model::Expr& places, const Speaker& speaker,
                           const Assumptions& assumed, const std::function<std::string(unsigned)>& by);

} // namespace tdxcheck::emit::smt2
