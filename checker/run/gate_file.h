// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a gate is asked to judge: gate files ("tdxcheck/gate/1", schemas/gate.schema.json) and the `expect` of
// variant files. All of it is read and held against the models before the first check begins: a file that is
// not understood in full is an InputError "FILE: /path/of/the/field: ...", and nothing is judged.
//
// A target that names a file is looked for from the directory of the gate file that names it.

#include "result/gate.h"
#include "run/target.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::run {

inline constexpr const char* gate_schema = "tdxcheck/gate/1";

// Of each check by itself. None: unlimited time, a share of the free memory.
struct GateBudget {
  std::optional<double> seconds = {};
  std::optional<std::uint64_t> memory_bytes = {};
};

struct PlannedCheck {
  result::GateCheck check; // nothing found yet
  Request request;
  Target target;
  GateBudget budget; // the check's own, else the file's
};

// The checks of all files in the order given; of a directory, all its *.json in the order of their names.
// InputError for a file that is neither a gate nor a variant, for one that expects nothing, for a directory
// without any, and for a file that is named twice.
[[nodiscard]] std::vector<PlannedCheck> read_gates(const std::vector<std::string>& paths);

// Those whose name matches one of the patterns (of a shell: `sept_zap@*`); all where there is no pattern.
// InputError for a pattern that no check matches: a gate that is filtered away passes nothing.
[[nodiscard]] std::vector<PlannedCheck> matching(std::vector<PlannedCheck> checks,
                                                 const std::vector<std::string>& patterns);

} // namespace tdxcheck::run
