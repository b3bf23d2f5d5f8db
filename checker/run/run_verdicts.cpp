// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_verdicts.h"

#include "run/ask_spin.h"
#include "run/export_model.h"
#include "run/free_integers.h"
#include "run/in_parallel.h"
#include "run/run_check.h"
#include "run/run_prove.h"
#include "run/target.h"
#include "support/contract.h"
#include "support/error.h"

#include <algorithm>

namespace tdxcheck::run {
namespace {

const model::Variant& variant_named(const model::Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.variants, name, &model::Variant::name);
  support::ensures_internal(found != model.variants.end(), "a target that was resolved names a variant");
  return *found;
}

// PROTOCOL@VARIANT for everything that `target` means.
std::vector<std::string> variants_of(const std::string& target) {
  const Target resolved = resolve({target});
  if (target.find('@') != std::string::npos) return {target};
  if (resolved.model.variants.empty())
    throw support::InputError("`" + target + "` has no variants; `tdxcheck check` judges it as it is");
  std::vector<std::string> names;
  for (const auto& variant : resolved.model.variants) names.push_back(target + "@" + variant.name);
  return names;
}

} // namespace

std::vector<VariantVerdicts> run_verdicts(const std::vector<std::string>& targets,
                                          const CheckOptions& options, SecondTool second,
                                          const std::function<void(const std::string&)>& begin) {
  std::vector<std::string> protocols = targets, wanted;
  if (protocols.empty())
    for (const auto& model : built_in_models()) protocols.push_back(model.name);
  for (const auto& protocol : protocols) {
    const auto names = variants_of(protocol);
    wanted.insert(wanted.end(), names.begin(), names.end());
  }

  if (second == SecondTool::spin) require_spin();
  std::vector<VariantVerdicts> verdicts;
  for (const auto& name : wanted) {
    if (options.search.interrupted != nullptr && *options.search.interrupted) break;
    if (begin) begin(name);
    const Request request{name};
    const Target target = resolve(request);
    result::CheckResult result = run_check(target, request, options);
    if (result.model_error) {
      result.verdict = result::Verdict::unknown;
      result.incomplete_because = "model error: " + result.model_error->text;
    }
    std::optional<result::SpinAnswer> spin;
    if (second == SecondTool::spin)
      spin = ask_spin(export_as_promela(target), {options.search.memory_bytes.value_or(0),
                                                  options.search.seconds, options.search.interrupted});
    verdicts.push_back({target.model.name,
                        variant_named(target.model, name.substr(name.find('@') + 1)),
                        std::move(result),
                        std::move(spin),
                        {}});
  }
  return verdicts;
}

void add_proofs(std::vector<VariantVerdicts>& verdicts, const CheckOptions& options, double seconds) {
  in_parallel(verdicts.size(), workers_of(options.workers), [&](std::size_t i) {
    VariantVerdicts& one = verdicts[i];
    const Target target = resolve({one.protocol + "@" + one.variant.name});
    if (target.model.default_variant != one.variant.name) return;
    if (options.search.interrupted != nullptr && *options.search.interrupted) return;
    ProveRequest request;
    request.target = {one.protocol + "@" + one.variant.name};
    request.only_what_may_be_proved = true;
    request.any = free_integers(target);
    request.seconds = seconds;
    request.interrupted = options.search.interrupted;
    one.proofs = run_prove(target, request);
  });
}

} // namespace tdxcheck::run
