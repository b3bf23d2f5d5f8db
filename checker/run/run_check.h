// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/verdict.h"
#include "run/check_options.h"
#include "run/target.h"

namespace tdxcheck::run {

// Validates, instantiates, searches, confirms every violation by other code, judges. `request` is what led to
// the target; the result says how to ask for it again.
[[nodiscard]] result::CheckResult run_check(const Target& target, const Request& request,
                                            const CheckOptions& options);

} // namespace tdxcheck::run
