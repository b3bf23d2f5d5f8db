// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The failing sets of a sweep in words: over which values, per claim the formula, and what its corners are
// worth.

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "result/failing_set.h"

namespace tdxcheck::report {

// "retries in {0..16, unlimited}, kick in {none, each}"
[[nodiscard]] std::string domain_of(const std::vector<result::SweptValues>& over);

[[nodiscard]] std::string write_failing_sets_text(const result::SimplifiedSweep& simplified,
                                                  std::size_t width);
[[nodiscard]] std::string write_failing_sets_markdown(const result::SimplifiedSweep& simplified);
[[nodiscard]] nlohmann::ordered_json failing_sets_to_json(const result::SimplifiedSweep& simplified);

} // namespace tdxcheck::report
