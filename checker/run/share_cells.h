// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which cells of a sweep are one check: where a parameter does not matter, folding it leaves the same model.

#include "result/verdict.h"
#include "run/target.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace tdxcheck::run {

// By valuation: the first one whose instantiated model is equal to its own, which may be itself. Models are
// found by a hash of what they say and then compared, whole; of equal ones only the valuation is kept.
[[nodiscard]] std::vector<std::size_t> equal_instances(const model::Model& written,
                                                       const std::vector<model::Valuation>& valuations,
                                                       unsigned workers);

// The result of one target as that of another with an equal instantiated model: names and runs are told in
// the other's parameters, and the runs are replayed there. Nothing if one does not replay: what instantiation
// has dropped starts otherwise there, and the cell is to be checked by itself.
[[nodiscard]] std::optional<result::CheckResult> told_as(result::CheckResult result, const Target& other);

} // namespace tdxcheck::run
