// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/check_by_reference.h"

#include "run/lift_plain_run.h"
#include "semantics/brute_force.h"
#include "support/contract.h"
#include "support/memory.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::run {
namespace {

using result::Verdict;

constexpr std::size_t most_states = 5'000'000;

Verdict verdict_of(const semantics::PlainVerdict& judged, bool complete) {
  switch (judged.judged) {
  case semantics::Judged::violated: return Verdict::violated;
  case semantics::Judged::holds: return complete ? Verdict::holds : Verdict::unknown;
  case semantics::Judged::not_judged: return Verdict::unknown;
  }
  return Verdict::unknown;
}

const model::Property& property_named(const model::Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.properties, name, &model::Property::name);
  support::ensures_internal(found != model.properties.end(),
                            "the reference engine judges what the model claims");
  return *found;
}

result::PropertyResult property_result(const semantics::Interpreter& interpreter, const model::Model& model,
                                       const semantics::PlainVerdict& judged, bool complete) {
  result::PropertyResult property;
  property.name = judged.property;
  property.template_name = template_name(property_named(model, judged.property).claim);
  property.verdict = verdict_of(judged, complete);
  property.detail = judged.why;
  if (property.verdict == Verdict::holds) {
    property.detail = "in every reachable state, for these parameters";
    property.assumptions = {"steps are atomic", "memory is sequentially consistent"};
  }
  if (property.verdict == Verdict::violated && judged.run)
    property.trace = lift_plain_run(interpreter, *judged.run);
  return property;
}

} // namespace

result::CheckResult check_by_reference(const Target& target, const explore::Options& options) {
  const semantics::Interpreter interpreter(target.model, target.valuation);
  const semantics::PlainExploration seen = semantics::explore_plainly(interpreter, most_states);
  result::CheckResult result;
  result.engine.name = "reference";
  result.complete = seen.complete;
  if (!seen.complete) result.incomplete_because = fmt::format("more than {} states", most_states);
  result.states = seen.states.size();
  result.transitions = seen.transitions;
  result.depth = static_cast<std::uint32_t>(seen.depth);
  for (const semantics::PlainVerdict& judged : seen.properties)
    if (options.properties.empty() || std::ranges::count(options.properties, judged.property) > 0)
      result.properties.push_back(property_result(interpreter, target.model, judged, seen.complete));
  result.vacuity.unreached_labels = seen.unreached_labels;
  if (seen.error) result.model_error = {seen.error->text, lift_plain_run(interpreter, seen.error->run)};
  result.peak_memory_bytes = support::peak_resident_bytes();
  return result;
}

} // namespace tdxcheck::run
