// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <string>

namespace tdxcheck::cli {

// What belongs to this run: directories of earlier ones may lie beside it.
inline constexpr const char* artifacts_summary = "summary.md";

// What a CI job keeps of its failures: `summary.md`, and for each check that is not met a directory of its
// own with `result.json`, and `PROPERTY.json`, `.txt` (as a race) and `.html` of each run that breaks an
// expectation. InputError if any of it cannot be written.
void write_artifacts(const result::GateResult& gate, const std::string& directory);

} // namespace tdxcheck::cli
