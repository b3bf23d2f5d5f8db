// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace tdxcheck::support {

// What the linker names this very program by, in hexadecimal: a hash of everything that is in it. Whatever
// was built from other sources, or otherwise, has another one. Empty where the linker wrote none.
[[nodiscard]] std::string build_id();

} // namespace tdxcheck::support
