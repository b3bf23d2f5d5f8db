// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/verdict.h"
#include "run/check_options.h"
#include "run/target.h"

namespace tdxcheck::run {

// `--engine bmc --depth N`: violations that show within N steps, each by a shortest run. It never says that a
// claim holds, but for `sometimes`, and where no run is longer than what was searched.
[[nodiscard]] result::CheckResult check_by_bounded_search(const Target& target, const CheckOptions& options);

} // namespace tdxcheck::run
