// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace tdxcheck::report {

[[nodiscard]] std::string grouped(std::uint64_t number);  // "1,234,567"
[[nodiscard]] std::string as_memory(std::uint64_t bytes); // "12.5 MiB"
[[nodiscard]] std::string as_duration(double seconds);    // "0.12 s", "3 min 5 s", "2 h 4 min"
[[nodiscard]] std::string counted(std::uint64_t number, const std::string& noun); // "1 step", "2 steps"

} // namespace tdxcheck::report
