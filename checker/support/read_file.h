// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace tdxcheck::support {

inline constexpr std::size_t most_bytes_read = std::size_t{256} << 20;

// The whole file, or an InputError that names the path and the reason. Refuses directories, and files of more
// than `most_bytes_read`: no input of ours is that large, so it is a mistake better named than swallowed.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

} // namespace tdxcheck::support
