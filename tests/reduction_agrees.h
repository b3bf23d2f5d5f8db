// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether partial-order reduction changes what is said of a model.

#include "model/model.h"

#include <cstdint>
#include <optional>

namespace tdxcheck::tests {

struct Effect {
  std::uint64_t all = 0, reduced = 0, models = 0, violations = 0;
};

// Fails the test, with a smaller model, unless verdicts, model errors and what was never at stake are the
// same with and without reduction, as sliced and shrunk, and every run replays. `only`: one of the claims, so
// that little is visible; otherwise all that reduction keeps.
void expect_the_same(const model::Model& written, std::optional<std::size_t> only, Effect& effect);
void expect_an_effect(const Effect& effect);

} // namespace tdxcheck::tests
