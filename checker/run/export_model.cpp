// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/export_model.h"

#include "emit/dot.h"
#include "emit/smt2.h"
#include "model/model_json.h"
#include "run/valuation.h"
#include "support/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::run {

nlohmann::ordered_json export_as_json(const Target& target) {
  if (const auto dropped = target.without(); !dropped.empty())
    throw support::InputError(
        fmt::format("a model file keeps every guard; write a variant file with \"without\": [\"{}\"]",
                    fmt::join(dropped, "\", \"")));
  model::Model model = target.model;
  if (target.valuation != valuation_of_variant(model, model.default_variant)) {
    for (const auto id : model.parameters.ids())
      model.parameters[id].default_value = target.valuation.parameters.at(id.value);
    model.default_variant.clear();
  }
  return model::to_json(model);
}

namespace {

std::string origin_of(const Target& target) {
  std::string origin = target.name;
  for (const auto& [name, value] : target.parameters()) origin += fmt::format(" {}={}", name, value);
  for (const auto& guard : target.without()) origin += " without " + guard;
  return origin;
}

} // namespace

std::string export_as_promela(const Target& target, emit::PromelaState state) {
  return emit::promela(instantiated(target), target.valuation, origin_of(target), state);
}

std::string export_as_dot(const Target& target) {
  return emit::dot(instantiated(target), target.valuation, origin_of(target));
}

emit::TlaFiles export_as_tla(const Target& target, const std::string& module_name) {
  return emit::tla(instantiated(target), target.valuation, origin_of(target), module_name);
}

std::string export_as_smt2(const Target& target, unsigned depth) {
  return emit::smt_lib(instantiated(target), target.valuation, {}, origin_of(target), depth);
}

} // namespace tdxcheck::run
