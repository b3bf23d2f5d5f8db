// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace tdxcheck::support {

// "2G", "500M", "1.5G", "4096" (bytes); K, M, G, T are powers of 1024. InputError for anything else.
[[nodiscard]] std::uint64_t parse_size(const std::string& text);

// "45s", "10m", "1h", "2d", "500ms"; a plain number is seconds. InputError for anything else.
[[nodiscard]] double parse_duration(const std::string& text);

} // namespace tdxcheck::support
