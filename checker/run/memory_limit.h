// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "explore/check.h"

namespace tdxcheck::run {

// Where the user set no limit: three quarters of what is free, shared by so many searches. A search that
// would need more ends with `unknown`, and not with the kernel's killing it.
[[nodiscard]] explore::Options with_memory_limit(explore::Options options, unsigned searches = 1);

} // namespace tdxcheck::run
