// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <nlohmann/json.hpp>

#include <string>

namespace tdxcheck::report {

// A gate in the Static Analysis Results Interchange Format 2.1.0 (OASIS): one result for each expectation
// that is not met, its run as a code flow, each step at its file and line of the protocol. A check that could
// not be carried out is a notification, and the invocation unsuccessful.
[[nodiscard]] nlohmann::ordered_json write_sarif(const result::GateResult& gate, const std::string& version,
                                                 int exit_code);

} // namespace tdxcheck::report
