// SPDX-License-Identifier: GPL-2.0-or-later
//
// For every processor.
#include "explore/inner_loops.h"
#include "explore/state_key.h"

namespace tdxcheck::explore {
#include "explore/inner_loops.inl"

extern const InnerLoops plain_loops;
const InnerLoops plain_loops = all_loops("plain");

} // namespace tdxcheck::explore
