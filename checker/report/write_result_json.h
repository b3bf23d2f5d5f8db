// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/verdict.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::report {

// "tdxcheck/result/1", see schemas/result.schema.json.
[[nodiscard]] nlohmann::ordered_json to_json(const result::CheckResult& result);

} // namespace tdxcheck::report
