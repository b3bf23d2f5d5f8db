// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the checker decides about every variant of the built-in protocols.

#include "model/model.h"
#include "result/prove_result.h"
#include "result/spin_answer.h"
#include "result/verdict.h"
#include "run/check_options.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::run {

struct VariantVerdicts {
  std::string protocol;
  model::Variant variant;
  result::CheckResult result;
  std::optional<result::SpinAnswer> spin;    // where it was asked
  std::optional<result::ProveResult> proofs; // of a protocol's default variant, where they were asked for
};

enum class SecondTool { none, spin };

// PROTOCOL is each variant of it, PROTOCOL@VARIANT that one; none at all, everything that is built in.
// InputError for a name that is not known, before the first check begins. A model error is an unknown verdict
// with the error as the reason; an interruption leaves what remains unfinished out. `begin` is told of each
// variant before its search. SPIN, where it is the second tool, searches each of them after us, within the
// same budgets; InputError if it is not installed.
[[nodiscard]] std::vector<VariantVerdicts>
run_verdicts(const std::vector<std::string>& targets, const CheckOptions& options,
             SecondTool second = SecondTool::none,
             const std::function<void(const std::string& target)>& begin = {});

// Proves what the default variants among them claim of single states and steps, for every value of the
// integers that may be left free, within so many seconds for each variant.
void add_proofs(std::vector<VariantVerdicts>& verdicts, const CheckOptions& options, double seconds);

} // namespace tdxcheck::run
