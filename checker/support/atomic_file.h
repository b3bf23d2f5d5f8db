// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace tdxcheck::support {

// Writes the file completely or not at all: whoever reads `path` sees the old content or the new, also after
// a crash. Throws an InputError that names the path and the reason; then nothing has changed. A symbolic link
// is followed, an existing file keeps its permissions, and what is no regular file (a pipe, /dev/stdout)
// cannot be replaced and is written to as it is.
void write_atomically(const std::filesystem::path& path, std::string_view content);

} // namespace tdxcheck::support
