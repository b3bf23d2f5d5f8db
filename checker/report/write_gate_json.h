// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::report {

// "tdxcheck/gate-result/1", see schemas/gate-result.schema.json.
[[nodiscard]] nlohmann::ordered_json write_gate_json(const result::GateResult& gate);

} // namespace tdxcheck::report
