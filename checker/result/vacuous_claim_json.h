// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "result/vacuous_claim.h"

namespace tdxcheck::result {

[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<VacuousClaim>& claims);

} // namespace tdxcheck::result
