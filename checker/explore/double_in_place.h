// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A table of exact slots (seen_set.h) gets twice as many buckets, without a second table: what is in bucket b
// goes to 2b and 2b + 1, or little beyond.

#include "explore/crew.h"
#include "explore/seen_set.h"

namespace tdxcheck::explore {

// `slots`: as many as `after` needs, those beyond what `before` needed are free. Both say where the same
// states are, `after` with one more bit of a bucket's number. By all of the crew, where there is one and
// enough to do; what the table holds then does not depend on it, but in which order slots of a bucket are
// does.
void double_in_place(Word* slots, const Mixing& before, const Mixing& after, Crew* crew);

} // namespace tdxcheck::explore
