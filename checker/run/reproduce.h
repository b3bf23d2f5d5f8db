// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "run/check_options.h"
#include "run/target.h"

#include <string>
#include <vector>

namespace tdxcheck::run {

// The command that gives the same result: the target, and every option that is not the default and matters.
[[nodiscard]] std::string reproduce_line(const Target& target, const Request& request,
                                         const CheckOptions& options);

// Of a command that takes no more than a target: `bound`, `conflicts`, `graph`, and what comes after it.
[[nodiscard]] std::string reproduce_line(const std::string& command, const Target& target,
                                         const Request& request, const std::vector<std::string>& words);

// Of a command without a target.
[[nodiscard]] std::string reproduce_line(const std::string& command, const Request& request);

// A word as a POSIX shell reads it back.
[[nodiscard]] std::string shell_quoted(const std::string& word);

} // namespace tdxcheck::run
