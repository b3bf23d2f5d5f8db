// SPDX-License-Identifier: GPL-2.0-or-later
//
// The clang-tidy of Debian 12 has no std::source_location, which most of our headers mention, and would give
// up on nearly every file. It only reads code, so a stand-in will do. Nothing that is built includes this.
#pragma once

#include <cstdint>
#include <source_location>

#if !__has_builtin(__builtin_source_location)
namespace std {
struct source_location {
  static constexpr source_location current() noexcept { return {}; }
  constexpr uint_least32_t line() const noexcept { return 0; }
  constexpr uint_least32_t column() const noexcept { return 0; }
  constexpr const char* file_name() const noexcept { return ""; }
  constexpr const char* function_name() const noexcept { return ""; }
};
} // namespace std
#endif
