// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/subject.h"
#include "result/bound.h"

namespace tdxcheck::report {

[[nodiscard]] std::string write_bound(const result::BoundResult& bound, const Subject& subject, bool brief,
                                      std::size_t width);
[[nodiscard]] nlohmann::ordered_json bound_to_json(const result::BoundResult& bound);

} // namespace tdxcheck::report
