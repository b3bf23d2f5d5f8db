// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/shrink.h"

#include "lower/clear_dead_locals.h"
#include "lower/forget_what_is_not_read.h"

namespace tdxcheck::lower {

model::Model shrink(const model::Model& instantiated, const model::Valuation& valuation,
                    const std::vector<bool>& nameless) {
  return clear_dead_locals(forget_what_is_not_read(instantiated, valuation), valuation, nameless);
}

} // namespace tdxcheck::lower
