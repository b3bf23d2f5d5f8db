// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/result_json.h"

#include "result/trace_json.h"
#include "support/json_reader.h"

#include <limits>

namespace tdxcheck::result {
namespace {

using support::JsonReader;

std::vector<std::string> texts_of(const JsonReader& list) {
  std::vector<std::string> texts;
  for (const JsonReader& text : list.array()) texts.push_back(text.string());
  return texts;
}

std::uint64_t count_of(const JsonReader& json) { return static_cast<std::uint64_t>(json.integer(0)); }

Verdict verdict_of(const JsonReader& json) {
  constexpr Verdict verdicts[] = {Verdict::holds, Verdict::violated, Verdict::unknown};
  return verdicts[json.one_of("verdict", {"holds", "violated", "unknown"})];
}

PropertyResult property_of(const JsonReader& json) {
  json.no_unknown_fields(
      {"name", "template", "verdict", "detail", "evidence", "assumptions", "trace", "paths"});
  PropertyResult property;
  property.name = json.required("name").string();
  property.template_name = json.required("template").string();
  property.verdict = verdict_of(json.required("verdict"));
  property.detail = json.required("detail").string();
  if (const auto evidence = json.optional("evidence")) property.evidence = texts_of(*evidence);
  property.assumptions = texts_of(json.required("assumptions"));
  if (const JsonReader trace = json.required("trace"); !trace.is_null())
    property.trace = trace_from_json(trace.value());
  if (const auto paths = json.optional("paths"))
    for (const JsonReader& path : paths->array()) property.paths.push_back(trace_from_json(path.value()));
  return property;
}

EngineInfo engine_of(const JsonReader& json) {
  json.no_unknown_fields({"name", "workers", "symmetry", "partial_order", "as_written",
                          "no_partial_order_because", "symmetric_sets", "no_symmetry_because", "state_bits",
                          "processor", "by_bytecode"});
  EngineInfo engine;
  engine.name = json.required("name").string();
  engine.workers =
      static_cast<unsigned>(json.required("workers").integer(1, std::numeric_limits<unsigned>::max()));
  engine.symmetry = json.required("symmetry").boolean();
  engine.partial_order = json.required("partial_order").boolean();
  engine.as_written = json.required("as_written").boolean();
  if (const auto why = json.optional("no_partial_order_because"))
    engine.no_partial_order_because = why->string();
  if (const auto sets = json.optional("symmetric_sets")) engine.symmetric_sets = texts_of(*sets);
  if (const auto why = json.optional("no_symmetry_because")) engine.no_symmetry_because = why->string();
  if (const auto bits = json.optional("state_bits")) engine.state_bits = count_of(*bits);
  if (const auto processor = json.optional("processor")) engine.processor = processor->string();
  if (const auto steps = json.optional("by_bytecode")) engine.by_bytecode = texts_of(*steps);
  return engine;
}

VacuousClaim vacuous_claim_of(const JsonReader& json) {
  json.no_unknown_fields({"property", "reason", "in_words", "by"});
  constexpr Vacuousness reasons[] = {Vacuousness::never_applies, Vacuousness::never_made,
                                     Vacuousness::cannot_hold, Vacuousness::cannot_fail,
                                     Vacuousness::is_implied};
  VacuousClaim claim{
      json.required("property").string(),
      reasons[json.required("reason").one_of(
          "reason", {"never_applies", "never_made", "cannot_hold", "cannot_fail", "is_implied"})],
      {}};
  if (const auto by = json.optional("by")) claim.by = by->string();
  return claim;
}

Vacuity vacuity_of(const JsonReader& json) {
  json.no_unknown_fields(
      {"unreached_labels", "unreached_steps", "idle_guards", "vacuous_properties", "by_wording"});
  Vacuity vacuity{texts_of(json.required("unreached_labels")),
                  texts_of(json.required("unreached_steps")),
                  texts_of(json.required("idle_guards")),
                  texts_of(json.required("vacuous_properties")),
                  {}};
  if (const auto claims = json.optional("by_wording"))
    for (const JsonReader& claim : claims->array()) vacuity.by_wording.push_back(vacuous_claim_of(claim));
  return vacuity;
}

} // namespace

CheckResult result_from_json(const nlohmann::json& value) {
  const JsonReader json(value);
  json.schema("tdxcheck/result/1");
  json.no_unknown_fields({"schema", "target", "parameters", "without", "verdict", "complete",
                          "incomplete_because", "states", "transitions", "depth", "seconds", "first_state",
                          "peak_memory_bytes", "engine", "properties", "vacuity", "reproduce"});
  CheckResult result;
  result.target = json.required("target").string();
  for (const auto& [name, set] : json.required("parameters").members())
    result.parameters[name] = value_from_json(set);
  result.without = texts_of(json.required("without"));
  result.verdict = verdict_of(json.required("verdict"));
  result.complete = json.required("complete").boolean();
  if (const auto why = json.optional("incomplete_because")) result.incomplete_because = why->string();
  result.states = count_of(json.required("states"));
  result.transitions = count_of(json.required("transitions"));
  result.depth = static_cast<std::uint32_t>(
      json.required("depth").integer(0, std::numeric_limits<std::uint32_t>::max()));
  result.seconds = json.required("seconds").number();
  if (const auto first = json.optional("first_state")) {
    first->no_unknown_fields({"seconds", "processor_seconds"});
    result.first_state = {first->required("seconds").number(), first->required("processor_seconds").number()};
  }
  result.peak_memory_bytes = count_of(json.required("peak_memory_bytes"));
  result.engine = engine_of(json.required("engine"));
  for (const JsonReader& property : json.required("properties").array())
    result.properties.push_back(property_of(property));
  result.vacuity = vacuity_of(json.required("vacuity"));
  result.reproduce = json.required("reproduce").string();
  return result;
}

} // namespace tdxcheck::result
