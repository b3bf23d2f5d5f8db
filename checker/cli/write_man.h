// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/program_words.h"

#include <string>

namespace tdxcheck::cli {

// The manual page tdxcheck(1), for man(7) macros.
[[nodiscard]] std::string manual_page(const ProgramWords& program, const std::string& version);

} // namespace tdxcheck::cli
