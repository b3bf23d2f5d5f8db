// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/memory_limit.h"

#include "support/memory.h"

namespace tdxcheck::run {

explore::Options with_memory_limit(explore::Options options, unsigned searches) {
  if (const std::uint64_t free = support::free_physical_bytes(); !options.memory_bytes && free > 0)
    options.memory_bytes = free / 4 * 3 / searches;
  return options;
}

} // namespace tdxcheck::run
