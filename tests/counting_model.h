// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

namespace tdxcheck::tests {

// `threads` threads count to `last`, each for itself: (last + 1)^threads states. The variable that each
// counts in is declared 0..`range`; with range < last, a model error. Claims that nobody counts beyond
// `last`.
[[nodiscard]] model::Model counting_model(int threads, int last, int range);

} // namespace tdxcheck::tests
