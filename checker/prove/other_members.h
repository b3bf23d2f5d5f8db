// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is said of one member, said of the others: a claim about the first root is a lemma about the second.

#include <vector>

#include "model/instance.h"

namespace tdxcheck::prove {

// The expression for every other member in the place of the one member of a set that it names; for each such
// set by itself. It is closed.
[[nodiscard]] std::vector<model::Expr> for_other_members(const model::Instance& instance,
                                                         const model::Expr& expression);

} // namespace tdxcheck::prove
