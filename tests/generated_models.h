// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Models that nobody thought of. Every engine must agree with semantics/ on all of them.

#include "model/model.h"

#include <cstddef>
#include <cstdint>

namespace tdxcheck::tests {

// No generated model has more states than this under its default valuation.
inline constexpr std::size_t most_generated_states = 5000;

// A small random model; the same for the same seed. One to three thread templates over sets of one to three
// members, variables of every type, locks that are mostly paired with their boolean and sometimes not, silent
// branches, bounded loops, choices, named conjuncts, assertions, any initial values, and a claim of each
// template that exploration judges. One in seven may leave a declared range, one in thirty has a silent
// branch that does not always decide. It validates, and its label contexts are consistent.
[[nodiscard]] model::Model random_model(std::uint64_t seed);

// Other parameters than the defaults and some named guards dropped, with at most as many states.
[[nodiscard]] model::Valuation random_valuation(const model::Model& model, std::uint64_t seed);

// All models of a family, without repetition: one or two threads with labels `a` and `b`, two booleans x and
// y. A body is one step from a to b (guard: true, !x, x; update: none, x := true, x := false, y := !y) and at
// most one more (a to a, a to b, b to b, or back from b to a), 120 in all; b is an end label unless a step
// leads on from it. One thread of each body, then each unordered pair. Taking x where it is free acquires the
// lock `x`, clearing it on the way back releases it; flipping y asserts that x is clear.
[[nodiscard]] std::size_t tiny_model_count();
[[nodiscard]] model::Model tiny_model(std::size_t number);

} // namespace tdxcheck::tests
