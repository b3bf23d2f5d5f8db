// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace tdxcheck::cli {

// The program: parse, run the command, see that the report got out, exit code.
[[nodiscard]] int run_program(int argc, const char* const* argv);

} // namespace tdxcheck::cli
