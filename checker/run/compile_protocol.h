// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dsl/catalogue.h"

#include <filesystem>
#include <vector>

namespace tdxcheck::run {

// Compiles a protocol outside the tree with the host's compiler ($CXX, else c++, else g++), loads it, and
// returns what its tdxcheck_protocols() registers. What the compiler has to say goes to standard error as it
// says it; an InputError if that fails.
[[nodiscard]] std::vector<dsl::Entry> compile_protocol(const std::filesystem::path& source);

} // namespace tdxcheck::run
