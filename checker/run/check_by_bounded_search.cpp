// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/check_by_bounded_search.h"

#include <algorithm>

#include <fmt/format.h>

#include "prove/bounded_search.h"
#include "run/problem_of.h"
#include "support/memory.h"

namespace tdxcheck::run {
namespace {

using result::Verdict;

// What a run shows is said by whoever replays it; here it is said how far was looked.
void judge(result::PropertyResult& property, const model::Claim& claim, const prove::BoundedResult& found,
           const Target& target, const prove::Problem& problem) {
  const bool wanted = std::holds_alternative<model::Sometimes>(claim);
  const auto shown = std::ranges::find(found.violations, property.name, &prove::Found::property);
  if (shown != found.violations.end()) {
    property.verdict = wanted ? Verdict::holds : Verdict::violated;
    property.detail =
        fmt::format("{} after {} steps, and not before", wanted ? "true" : "false", shown->run.moves.size());
    if (!wanted) property.trace = lift_proved_run(target, problem, shown->run);
    return;
  }
  const bool looked_at = wanted || std::holds_alternative<model::Always>(claim) ||
                         std::holds_alternative<model::Asserted>(claim) ||
                         std::holds_alternative<model::LockDiscipline>(claim) ||
                         std::holds_alternative<model::Balanced>(claim) ||
                         std::holds_alternative<model::Retries>(claim);
  if (looked_at && found.no_longer_run) {
    property.verdict = wanted ? Verdict::violated : Verdict::holds;
    property.detail = fmt::format("no run takes more than {} steps", found.depth);
    property.assumptions = {"steps are atomic", "memory is sequentially consistent"};
    return;
  }
  property.detail =
      looked_at ? fmt::format("{} within {} steps", wanted ? "not reached" : "not violated", found.depth)
                : "not a claim about single states: bounded search does not judge it";
  if (std::holds_alternative<model::NoDeadlock>(claim))
    property.detail =
        fmt::format("nothing stops within {} steps; whether a thread is stuck is not judged", found.depth);
}

} // namespace

result::CheckResult check_by_bounded_search(const Target& target, const CheckOptions& options) {
  const prove::Problem problem = problem_of(target, {});
  prove::BoundedOptions bounded;
  bounded.depth = options.depth;
  if (options.search.seconds) bounded.seconds = *options.search.seconds;
  if (const auto* interrupted = options.search.interrupted)
    bounded.enough = [interrupted] { return interrupted->load(); };
  if (options.search.progress)
    bounded.progress = [&](unsigned depth) {
      Progress progress;
      progress.depth = depth;
      options.search.progress(progress);
    };
  const prove::BoundedResult found = prove::search_bounded(problem, options.search.properties, bounded);

  result::CheckResult result;
  result.engine.name = "bmc";
  result.depth = found.depth;
  result.complete = found.no_longer_run;
  if (!result.complete)
    result.incomplete_because = found.gave_up
                                    ? fmt::format("the budget ran out beyond {} steps", found.depth)
                                    : fmt::format("only runs of up to {} steps were searched", found.depth);
  for (const model::Property& claimed : problem.model.properties) {
    if (!options.search.properties.empty() &&
        std::ranges::count(options.search.properties, claimed.name) == 0)
      continue;
    result::PropertyResult& property = result.properties.emplace_back();
    property.name = claimed.name;
    property.template_name = template_name(claimed.claim);
    judge(property, claimed.claim, found, target, problem);
  }
  if (found.model_error)
    result.model_error = {"a step leaves a declared range, or has no value",
                          lift_proved_run(target, problem, *found.model_error)};
  result.peak_memory_bytes = support::peak_resident_bytes();
  return result;
}

} // namespace tdxcheck::run
