// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which members of a model's index sets are interchangeable, decided from what the model says and not from
// how the set is declared: an expression that names a member keeps it apart from the others, and one that
// puts members in order (`<`, `i + 1`, a comparison with a number) keeps all of them apart. Everything else
// that can be said of members (equality, subsets, quantifiers, choices, `self`, arrays) is the same after
// they were renamed.
//
// Looked at are guards, updates and assertions of all steps, and what the judged claims say: so where a claim
// names a member, only the others are interchangeable. lock_discipline asks that instances of one ranked
// class are taken in ascending order.
//
// Tests: symmetry_keeps_the_meaning_test.cpp.

#include <functional>

#include "model/symmetry.h"

namespace tdxcheck::lower {

// Of an instantiated model; `judged` says which of its properties count.
[[nodiscard]] model::Symmetry find_symmetry(const model::Model& instantiated,
                                            const model::Valuation& valuation,
                                            const std::function<bool(const model::Property&)>& judged);

} // namespace tdxcheck::lower
