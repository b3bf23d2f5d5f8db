// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "audit/replay.h"
#include "result/trace.h"

#include <filesystem>

namespace tdxcheck::run {

// A trace file; InputError with file and field if it is not one.
[[nodiscard]] result::Trace read_trace(const std::filesystem::path& path);

// Re-executes a trace by the reference semantics, against the model that its target names now.
[[nodiscard]] audit::ReplayResult run_replay(const result::Trace& trace);

} // namespace tdxcheck::run
