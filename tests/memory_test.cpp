// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/memory.h"

#include <doctest/doctest.h>

#include <vector>

#include <unistd.h>

namespace memory_test {

using namespace tdxcheck::support;

TEST_CASE("the peak grows with memory that was touched and does not shrink when it is given back") {
  constexpr std::size_t size = std::size_t{64} << 20;
  const auto before = peak_resident_bytes();
  { const std::vector<char> touched(size, 1); }
  // Not `before + size`: part of it may lie in pages that were resident already.
  CHECK(before > 0);
  CHECK(peak_resident_bytes() >= size);
}

TEST_CASE("there is free memory, and never more than the machine has") {
  const auto physical =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  CHECK(free_physical_bytes() > 0);
  CHECK(free_physical_bytes() <= physical);
}

} // namespace memory_test
