// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_gate_json.h"

#include "result/result_json.h"

namespace tdxcheck::report {
namespace {

using Json = nlohmann::ordered_json;

Json check_to_json(const result::GateCheck& check) {
  Json json{{"file", check.file}, {"line", check.line}, {"field", check.field}, {"name", check.name}};
  json["outcome"] = name_of(check.outcome);
  json["expectations"] = Json::array();
  for (const auto& e : check.expectations)
    json["expectations"].push_back({{"property", e.property},
                                    {"expected", name_of(e.expected)},
                                    {"found", name_of(e.found)},
                                    {"line", e.line}});
  if (!check.error.empty()) json["error"] = check.error;
  json["cached"] = check.cached;
  json["seconds"] = check.seconds;
  // A check that was not carried out has no result to show.
  const bool has_result = check.error.empty() && !check.result.properties.empty();
  json["result"] = has_result ? result::to_json(check.result) : Json(nullptr);
  json["reproduce"] = check.reproduce;
  return json;
}

} // namespace

nlohmann::ordered_json write_gate_json(const result::GateResult& gate) {
  Json json{{"schema", "tdxcheck/gate-result/1"}, {"outcome", name_of(gate.worst())}};
  json["interrupted"] = gate.interrupted;
  json["seconds"] = gate.seconds;
  json["checks"] = Json::array();
  for (const auto& check : gate.checks) json["checks"].push_back(check_to_json(check));
  json["reproduce"] = gate.reproduce;
  return json;
}

} // namespace tdxcheck::report
