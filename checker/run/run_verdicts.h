// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the checker decides about every variant of the built-in protocols.

#include "model/model.h"
#include "result/verdict.h"
#include "run/check_options.h"

#include <functional>
#include <string>
#include <vector>

namespace tdxcheck::run {

struct VariantVerdicts {
  std::string protocol;
  model::Variant variant;
  result::CheckResult result;
};

// PROTOCOL is each variant of it, PROTOCOL@VARIANT that one; none at all, everything that is built in.
// InputError for a name that is not known, before the first check begins. A model error is an unknown verdict
// with the error as the reason; an interruption leaves what remains unfinished out. `begin` is told of each
// variant before its search.
[[nodiscard]] std::vector<VariantVerdicts>
run_verdicts(const std::vector<std::string>& targets, const CheckOptions& options,
             const std::function<void(const std::string& target)>& begin = {});

} // namespace tdxcheck::run
