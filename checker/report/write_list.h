// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/model.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::report {

// What there is to check: protocols with parameters, variants, claims, loops, operations, named guards,
// sources.
[[nodiscard]] std::string write_list(const std::vector<model::Model>& protocols, std::size_t width = 100);
[[nodiscard]] nlohmann::ordered_json list_to_json(const std::vector<model::Model>& protocols);

} // namespace tdxcheck::report
