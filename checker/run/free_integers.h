// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The parameters of a target for which one may ask `prove` for every value.

#include <string>
#include <vector>

#include "run/target.h"

namespace tdxcheck::run {

// The integers that the target's model reads, and that no set's size and no width depends on; without a limit
// that the target has at `unlimited`, for which no number stands.
[[nodiscard]] std::vector<std::string> free_integers(const Target& target);

} // namespace tdxcheck::run
