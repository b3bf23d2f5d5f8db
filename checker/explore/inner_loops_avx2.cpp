// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/inner_loops.h"
#include "explore/state_key.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#define LINES_OF_256
#define GATHERS_FAST

namespace tdxcheck::explore {
#include "explore/inner_loops.inl"

extern const InnerLoops avx2_loops;
const InnerLoops avx2_loops = all_loops("avx2");

} // namespace tdxcheck::explore
#pragma GCC pop_options
#endif
