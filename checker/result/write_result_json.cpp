// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/result_json.h"

#include "result/trace_json.h"
#include "result/vacuous_claim_json.h"

namespace tdxcheck::result {
namespace {

using Json = nlohmann::ordered_json;

Json property_to_json(const PropertyResult& property) {
  Json json{{"name", property.name},
            {"template", property.template_name},
            {"verdict", name_of(property.verdict)},
            {"detail", property.detail},
            {"evidence", property.evidence},
            {"assumptions", property.assumptions},
            {"trace", property.trace ? to_json(*property.trace) : Json(nullptr)}};
  for (const Trace& path : property.paths) json["paths"].push_back(to_json(path));
  return json;
}

} // namespace

nlohmann::ordered_json to_json(const CheckResult& result) {
  Json json{{"schema", "tdxcheck/result/1"}, {"target", result.target}};
  json["parameters"] = to_json(result.parameters);
  json["without"] = result.without;
  json["verdict"] = name_of(result.verdict);
  json["complete"] = result.complete;
  if (!result.complete) json["incomplete_because"] = result.incomplete_because;
  json["states"] = result.states;
  json["transitions"] = result.transitions;
  json["depth"] = result.depth;
  json["seconds"] = result.seconds;
  if (result.first_state)
    json["first_state"] = {{"seconds", result.first_state->seconds},
                           {"processor_seconds", result.first_state->processor_seconds}};
  json["peak_memory_bytes"] = result.peak_memory_bytes;
  json["engine"] = {{"name", result.engine.name},
                    {"workers", result.engine.workers},
                    {"symmetry", result.engine.symmetry},
                    {"partial_order", result.engine.partial_order},
                    {"as_written", result.engine.as_written}};
  if (!result.engine.no_partial_order_because.empty())
    json["engine"]["no_partial_order_because"] = result.engine.no_partial_order_because;
  if (result.engine.symmetry) json["engine"]["symmetric_sets"] = result.engine.symmetric_sets;
  if (!result.engine.no_symmetry_because.empty())
    json["engine"]["no_symmetry_because"] = result.engine.no_symmetry_because;
  if (result.engine.state_bits != 0) json["engine"]["state_bits"] = result.engine.state_bits;
  if (!result.engine.processor.empty()) json["engine"]["processor"] = result.engine.processor;
  if (!result.engine.by_bytecode.empty()) json["engine"]["by_bytecode"] = result.engine.by_bytecode;
  json["properties"] = Json::array();
  for (const auto& property : result.properties) json["properties"].push_back(property_to_json(property));
  json["vacuity"] = {{"unreached_labels", result.vacuity.unreached_labels},
                     {"unreached_steps", result.vacuity.unreached_steps},
                     {"idle_guards", result.vacuity.idle_guards},
                     {"vacuous_properties", result.vacuity.vacuous_properties}};
  if (!result.vacuity.by_wording.empty()) json["vacuity"]["by_wording"] = to_json(result.vacuity.by_wording);
  json["reproduce"] = result.reproduce;
  return json;
}

} // namespace tdxcheck::result
