// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/proof.h"

#include "model/model_json.h"
#include "model/model_json_writing.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::result {

nlohmann::ordered_json to_json(const Proof& proof) {
  nlohmann::ordered_json json = {{"property", proof.property}};
  json["any"] = nlohmann::ordered_json::object();
  for (const AnyParameter& any : proof.any)
    json["any"][proof.model.parameters[any.parameter].name] = any.lowest;
  json["open"] = nlohmann::ordered_json::object();
  for (const OpenSet& open : proof.open) {
    const model::IndexSet& set = proof.model.sets[open.set];
    json["open"][set.name] = std::get<model::Literal>(set.size.node().kind).value;
  }
  json["k"] = proof.k;
  json["simple_path"] = proof.simple_path;
  if (proof.rests_on) {
    json["rests_on"] = proof.rests_on->conjuncts;
    json["claim_rests_on"] = proof.rests_on->claim;
  }
  json["method"] = proof.method;
  json["invariant"] = model::json_writing::write_expressions(proof.model, proof.invariant);
  json["model"] = model::to_json(proof.model);
  return json;
}

} // namespace tdxcheck::result
