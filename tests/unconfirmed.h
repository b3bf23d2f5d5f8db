// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether other code confirms the runs of a result.

#include "model/model.h"
#include "result/verdict.h"

#include <optional>
#include <string>

namespace tdxcheck::tests {

// Which run, to a violation or into a model error, does not replay, and why; nothing if all do.
[[nodiscard]] std::optional<std::string> unconfirmed(const model::Model& written,
                                                     const model::Valuation& valuation,
                                                     const result::CheckResult& result);

} // namespace tdxcheck::tests
