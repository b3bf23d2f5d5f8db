// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/subject.h"
#include "result/conflicts.h"

namespace tdxcheck::report {

// `all`: with a shortest run into each.
[[nodiscard]] std::string write_conflicts(const result::ConflictsResult& conflicts, const Subject& subject,
                                          bool all, std::size_t width);
[[nodiscard]] nlohmann::ordered_json conflicts_to_json(const result::ConflictsResult& conflicts);
// Of the whole module.
[[nodiscard]] std::string write_conflicts(const result::ModuleConflicts& conflicts, std::size_t width);
[[nodiscard]] nlohmann::ordered_json conflicts_to_json(const result::ModuleConflicts& conflicts);

} // namespace tdxcheck::report
