// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a check answers as a file, "tdxcheck/result/1"; see schemas/result.schema.json.

#include "result/verdict.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::result {

[[nodiscard]] nlohmann::ordered_json to_json(const CheckResult& result);

// The inverse. Refuses what the schema refuses, with the path of the offending field (support::InputError).
[[nodiscard]] CheckResult result_from_json(const nlohmann::json& json);

} // namespace tdxcheck::result
