// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace tdxcheck::cli {

// A script for "bash", "zsh" or "fish" that asks `tdxcheck complete` whenever Tab is pressed.
[[nodiscard]] std::string completion_script(const std::string& shell);

} // namespace tdxcheck::cli
