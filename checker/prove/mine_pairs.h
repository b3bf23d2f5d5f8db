// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which values two aspects of a state have together: where a thread is and whether a lock is taken, where two
// threads are, what two cells hold. All that was never seen together makes lemmas, one for each set of
// partners: "while one vCPU is in here, another is not in there". The strongest that can be said of what was
// seen about two aspects at a time.

#include <vector>

#include "prove/box.h"

namespace tdxcheck::prove {

// Also of single aspects: values that were never seen.
[[nodiscard]] std::vector<Box> mine_pairs(const Features& features, const SeenTable& seen);

// Of these two alone.
[[nodiscard]] std::vector<Box> mine_pair(const Features& features, const SeenTable& seen, std::size_t a,
                                         std::size_t b);

} // namespace tdxcheck::prove
