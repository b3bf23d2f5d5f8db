// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/subject.h"
#include "result/prove_result.h"

namespace tdxcheck::report {

[[nodiscard]] std::string write_prove(const result::ProveResult& result, const Subject& subject, bool brief,
                                      std::size_t width);
[[nodiscard]] nlohmann::ordered_json prove_to_json(const result::ProveResult& result);

} // namespace tdxcheck::report
