// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Models with locals that are written, read now and then, and left lying about.

#include "model/model.h"

#include <cstdint>

namespace tdxcheck::tests {

// The model with one more local for each thread template, an integer 0..2 that its steps write (some of them
// so that it may leave its range) and read. The same for the same seed.
[[nodiscard]] model::Model with_leftovers(model::Model model, std::uint64_t seed);

} // namespace tdxcheck::tests
