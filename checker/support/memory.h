// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace tdxcheck::support {

// The most memory that this process ever had resident.
[[nodiscard]] std::uint64_t peak_resident_bytes();

// What can still be used without swapping, or without being killed where a control group (version 2, as in
// containers) sets a limit below that. 0 where the kernel does not say.
[[nodiscard]] std::uint64_t free_physical_bytes();

// Whole pages of the kernel's own: what is added is zero, growing moves pages instead of bytes, and a page
// takes memory only once it is touched. From nullptr and 0 bytes, or to 0 bytes, it maps or unmaps. Large
// ones ask for huge pages. std::bad_alloc.
[[nodiscard]] void* resize_mapping(void* mapping, std::size_t from_bytes, std::size_t to_bytes);

} // namespace tdxcheck::support
