// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_check.h"

#include "audit/replay.h"
#include "lower/slice.h"
#include "model/label_context.h"
#include "model/print.h"
#include "run/check_by_bounded_search.h"
#include "run/check_by_reference.h"
#include "run/find_vacuous_claims.h"
#include "run/lock_order.h"
#include "run/memory_limit.h"
#include "run/reproduce.h"
#include "run/run_bound.h"
#include "run/use_symmetry.h"
#include "run/valuation.h"
#include "support/error.h"
#include "support/stopwatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <new>
#include <thread>

namespace tdxcheck::run {
namespace {

using result::CheckResult;
using result::Verdict;

void refuse_unknown_properties(const Target& target, const model::Model& instantiated,
                               const std::vector<std::string>& asked) {
  for (const std::string& name : asked) {
    require_property(target.model, name);
    if (std::ranges::find(instantiated.properties, name, &model::Property::name) ==
        instantiated.properties.end()) {
      const auto written = std::ranges::find(target.model.properties, name, &model::Property::name);
      throw support::InputError(fmt::format("property `{}` is claimed only where {}", name,
                                            print(target.model, written->claimed_when)));
    }
  }
}

// What depends on the valuation: a label that is reached with two different sets of held locks.
void refuse_ambiguous_labels(const model::Model& instantiated) {
  std::vector<model::Problem> problems;
  (void)model::label_contexts(instantiated, problems);
  if (!problems.empty())
    throw support::InputError(
        fmt::format("{} is ill-formed:\n{}", instantiated.name, model::describe(problems)));
}

// What is left to say when memory ran out before the budget did.
CheckResult out_of_memory(const model::Model& instantiated, const explore::Progress& last) {
  CheckResult result;
  result.incomplete_because = "memory ran out; --memory sets a limit below that";
  result.states = last.states;
  result.transitions = last.transitions;
  result.depth = last.depth;
  result.peak_memory_bytes = last.memory_bytes;
  for (const model::Property& property : instantiated.properties)
    result.properties.push_back({property.name,
                                 std::string(template_name(property.claim)),
                                 Verdict::unknown,
                                 "memory ran out",
                                 {},
                                 {},
                                 {}});
  return result;
}

// What exploration leaves to the analyses of the graph.
void judge_on_graph(const explore::Explored& explored, const model::Property& claimed,
                    result::PropertyResult& property) {
  if (const auto* retries = std::get_if<model::Retries>(&claimed.claim))
    judge_retries(explored, *retries, property);
  else judge_lock_order(explored, property);
}

CheckResult search(const Target& target, const model::Model& instantiated, const CheckOptions& options) {
  if (options.engine == Engine::reference) return check_by_reference(target, options.search);
  if (options.engine == Engine::bmc) return check_by_bounded_search(target, options);
  explore::Progress last;
  explore::Options remembering = with_memory_limit(options.search);
  remembering.progress = [&](const explore::Progress& progress) {
    last = progress;
    if (options.search.progress) options.search.progress(progress);
  };
  remembering.judged_elsewhere = judge_on_graph;
  remembering.workers =
      options.workers != 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency());
  try {
    if (options.as_written) return explore::check(target.model, target.valuation, instantiated, remembering);
    const std::vector<std::string>& asked = options.search.properties;
    const Searched searched =
        searched_model(asked.empty() ? instantiated : lower::slice(instantiated, target.valuation, asked),
                       target.valuation, options);
    remembering.partial_order = options.partial_order;
    remembering.symmetry = searched.symmetry ? &*searched.symmetry : nullptr;
    CheckResult result =
        explore::check(target.model, target.valuation, instantiated, searched.model, remembering);
    result.engine.as_written = false;
    if (result.engine.symmetry) result.engine.symmetric_sets = searched.sets;
    result.engine.no_symmetry_because = searched.because;
    return result;
  } catch (const std::bad_alloc&) {
    return out_of_memory(instantiated, last);
  }
}

void put_names(CheckResult& result, const Target& target) {
  result.target = target.name;
  result.parameters = target.parameters();
  result.without = target.without();
  const auto name = [&](result::Trace& trace, const std::string& property) {
    trace.target = result.target;
    trace.parameters = result.parameters;
    trace.without = result.without;
    trace.fair = target.fair;
    trace.property = property;
  };
  for (auto& property : result.properties) {
    if (property.trace) name(*property.trace, property.name);
    for (result::Trace& path : property.paths) name(path, property.name);
  }
  if (result.model_error) name(result.model_error->trace, "");
  if (target.fair.empty()) return;
  for (auto& property : result.properties)
    for (std::string& assumption : property.assumptions)
      if (assumption == "steps are fair as written")
        assumption = fmt::format("steps are fair as written, overridden by --fair {}",
                                 fmt::join(target.fair, " --fair "));
}

void require_replay(const audit::ReplayResult& replayed, const std::string& what,
                    const result::Trace& trace) {
  if (!replayed.valid)
    throw support::InternalError(fmt::format("the run {} in {} does not replay (step {} of {}): {}", what,
                                             trace.target, replayed.step + 1, trace.steps.size(),
                                             replayed.why));
}

// Believes no engine: what does not replay is a bug of ours, not a verdict.
void confirm_violations(CheckResult& result, const Target& target) {
  for (auto& property : result.properties) {
    if (property.verdict != Verdict::violated || !property.trace) continue;
    const auto replayed = audit::replay(target.model, target.valuation, *property.trace);
    require_replay(replayed, fmt::format("that violates `{}`", property.name), *property.trace);
    for (const result::Trace& path : property.paths)
      require_replay(audit::replay(target.model, target.valuation, path),
                     fmt::format("that violates `{}`", property.name), path);
    if (!replayed.caveat.empty()) property.evidence.push_back("replayed, but " + replayed.caveat);
  }
  if (result.model_error) {
    const result::Trace& trace = result.model_error->trace;
    require_replay(audit::replay_model_error(target.model, target.valuation, trace), "into a model error",
                   trace);
  }
}

Verdict judge(const CheckResult& result) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::any_of(result.properties, [&](const auto& p) { return p.verdict == verdict; });
  };
  if (any(Verdict::violated)) return Verdict::violated;
  return any(Verdict::unknown) || !result.complete ? Verdict::unknown : Verdict::holds;
}

void look_at_the_wording(CheckResult& result, const model::Model& instantiated, const Target& target) {
  std::map<std::string, Verdict> verdicts;
  for (const auto& property : result.properties) verdicts[property.name] = property.verdict;
  result.vacuity.by_wording = find_vacuous_claims({instantiated, target.valuation, {}}, verdicts);
}

} // namespace

CheckResult run_check(const Target& target, const Request& request, const CheckOptions& options) {
  const model::Model instantiated = run::instantiated(target);
  refuse_ambiguous_labels(instantiated);
  refuse_unknown_properties(target, instantiated, options.search.properties);
  const support::Stopwatch stopwatch;
  CheckResult result = search(target, instantiated, options);
  result.seconds = stopwatch.seconds();
  put_names(result, target);
  confirm_violations(result, target);
  result.verdict = judge(result);
  if (options.vacuous_wording && !result.model_error) look_at_the_wording(result, instantiated, target);
  result.reproduce = reproduce_line(target, request, options);
  return result;
}

} // namespace tdxcheck::run
