// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One file per command. Each registers its options and, where it is the one chosen, leaves what is to be run.

#include "cli/exit_code.h"

#include <CLI/CLI.hpp>

#include <functional>

namespace tdxcheck::cli {

using Command = std::function<ExitCode()>;

void add_list(CLI::App& program, Command& chosen);
void add_show(CLI::App& program, Command& chosen);
void add_check(CLI::App& program, Command& chosen);
void add_sweep(CLI::App& program, Command& chosen);
void add_diff(CLI::App& program, Command& chosen);
void add_verdicts(CLI::App& program, Command& chosen);
void add_bound(CLI::App& program, Command& chosen);
void add_conflicts(CLI::App& program, Command& chosen);
void add_prove(CLI::App& program, Command& chosen);
void add_graph(CLI::App& program, Command& chosen);
void add_replay(CLI::App& program, Command& chosen);
void add_render(CLI::App& program, Command& chosen);
void add_gate(CLI::App& program, Command& chosen);
void add_export(CLI::App& program, Command& chosen);
void add_explore(CLI::App& program, Command& chosen);
void add_completions(CLI::App& program, Command& chosen);
void add_complete(CLI::App& program, Command& chosen);
void add_man(CLI::App& program, Command& chosen);

// Parses, and returns the command to run; nothing where --help or --version was asked for (and answered).
// Usage errors are InputErrors that name what is near.
[[nodiscard]] Command parse(int argc, const char* const* argv);

} // namespace tdxcheck::cli
