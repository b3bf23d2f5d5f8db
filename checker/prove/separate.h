// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is strange about a state that was not seen: boxes around it, in as few aspects as will do, in which no
// seen state lies. Two aspects, then three, and so on: that two of a state's values were never seen together
// is found at once, by looking up what was seen with the rest of them.

#include <vector>

#include "prove/box.h"

namespace tdxcheck::prove {

// The largest ones, largest first; none if some seen state has the same values in all of these aspects.
[[nodiscard]] std::vector<Box> boxes_around(const Features& features, const SeenTable& seen,
                                            const Sample& sample, const std::vector<std::size_t>& aspects,
                                            std::size_t most);

} // namespace tdxcheck::prove
