// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>

namespace tdxcheck::tests {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t slower_under_sanitizers = 5; // and more, by the input
#else
inline constexpr std::uint64_t slower_under_sanitizers = 1;
#endif

// How many inputs a test tries: so many every day, fewer under sanitizers, more at night.
[[nodiscard]] inline std::uint64_t inputs(std::uint64_t everyday) {
  return (everyday + slower_under_sanitizers - 1) / slower_under_sanitizers;
}
[[nodiscard]] inline std::uint64_t inputs(std::uint64_t everyday, std::uint64_t nightly) {
  return std::getenv("TDXCHECK_NIGHTLY") != nullptr ? nightly : inputs(everyday);
}

} // namespace tdxcheck::tests
