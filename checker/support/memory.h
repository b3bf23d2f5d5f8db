// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace tdxcheck::support {

// The most memory that this process ever had resident.
[[nodiscard]] std::uint64_t peak_resident_bytes();

// What can still be used without swapping, or without being killed where a control group (version 2, as in
// containers) sets a limit below that. 0 where the kernel does not say.
[[nodiscard]] std::uint64_t free_physical_bytes();

} // namespace tdxcheck::support
