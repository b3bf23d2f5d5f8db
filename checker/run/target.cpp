// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/target.h"

#include "lower/instantiate.h"
#include "lower/override_fairness.h"
#include "model/model_json.h"
#include "model/print.h"
#include "run/compile_protocol.h"
#include "run/valuation.h"
#include "run/variant_file.h"
#include "support/error.h"
#include "support/json_reader.h"
#include "support/near_miss.h"
#include "support/read_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>

namespace tdxcheck::run {
namespace {

using support::InputError;

// "NAME@VARIANT"; an '@' in a directory's name is none of ours.
struct Asked {
  explicit Asked(const std::string& target) {
    const auto at = target.rfind('@');
    const auto slash = target.rfind('/');
    const bool has_variant = at != std::string::npos && (slash == std::string::npos || at > slash);
    name = target.substr(0, has_variant ? at : std::string::npos);
    if (has_variant) variant = target.substr(at + 1);
    if (has_variant && variant.empty())
      throw InputError(fmt::format("`{}` names no variant after the @", target));
  }
  [[nodiscard]] bool is_file(std::string_view extension) const {
    return name.size() > extension.size() && name.ends_with(extension);
  }

  std::string name, variant;
};

const std::vector<dsl::Entry>& built_in() {
  static const dsl::Catalogue catalogue = [] {
    dsl::Catalogue filled;
    tdxcheck_protocols(filled);
    return filled;
  }();
  return catalogue.entries();
}

// A well-formed model with the chosen variant, or its default one.
Target with_variant(const std::string& name, model::Model model, const std::string& asked) {
  const std::string variant = asked.empty() ? model.default_variant : asked;
  const model::Valuation valuation = valuation_of_variant(model, variant);
  return {variant.empty() ? name : name + "@" + variant, std::move(model), valuation, valuation, {}};
}

// The user's own.
Target with_variant_if_well_formed(const std::string& name, model::Model model, const std::string& asked) {
  refuse_ill_formed(model);
  return with_variant(name, std::move(model), asked);
}

// The protocols that are built in are well-formed, which is for a test to see and not for every start.
Target from_catalogue(const std::string& name, const std::string& variant) {
  const auto& all = built_in();
  const auto found = std::ranges::find(all, name, &dsl::Entry::name);
  if (found != all.end()) return with_variant(name, found->build(), variant);
  if (std::filesystem::exists(name))
    throw InputError(fmt::format("{} is neither a .json nor a .cpp file", name));
  std::vector<std::string> names;
  for (const auto& entry : all) names.push_back(entry.name);
  throw InputError(support::did_you_mean("protocol", name, names));
}

// The protocol is the user's, and so is whatever goes wrong while it is built: misuse of the language, above
// all.
model::Model built(const dsl::Entry& entry, const std::string& file) {
  try {
    return entry.build();
  } catch (const std::exception& error) {
    throw InputError(fmt::format("{}: {}", file, error.what()));
  }
}

Target from_source(const Asked& asked) {
  return with_variant_if_well_formed(asked.name, built(compile_protocol(asked.name).front(), asked.name),
                                     asked.variant);
}

// A refusal that says which field of the file it is about.
template <class Action>
void at_field(const std::string& field, Action action) {
  try {
    action();
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", field, error.what()));
  }
}

Target from_variant_file(const Asked& asked, const support::JsonReader& json) {
  const VariantFile file = variant_file_from(json);
  if (!asked.variant.empty()) throw InputError("a variant file has no variants; its field /base names one");
  Target target;
  at_field("/protocol", [&] { target = from_catalogue(file.protocol, ""); });
  at_field("/base", [&] {
    if (!file.base.empty()) target.base = valuation_of_variant(target.model, file.base);
  });
  for (const auto& [parameter, value] : file.set)
    at_field("/set/" + parameter, [&] { assign(target.model, target.base, parameter, value); });
  for (std::size_t i = 0; i < file.without.size(); ++i)
    at_field(fmt::format("/without/{}", i), [&] { drop_guard(target.model, target.base, file.without[i]); });
  for (const auto& [property, verdict] : file.expect)
    at_field("/expect/" + property, [&] { require_property(target.model, property); });
  target.name = asked.name;
  target.valuation = target.base;
  target.expect = file.expect;
  return target;
}

Target from_json(const Asked& asked) {
  const nlohmann::json parsed = support::parse_json(support::read_file(asked.name), asked.name);
  try {
    const support::JsonReader json(parsed);
    const std::string schema = json.required("schema").string();
    if (schema == variant_schema) return from_variant_file(asked, json);
    if (schema == "tdxcheck/model/1")
      return with_variant_if_well_formed(asked.name, model::model_from_json(parsed), asked.variant);
    if (schema == "tdxcheck/trace/1")
      throw InputError("this is a trace; `tdxcheck replay` and `render` read it");
    json.required("schema").refuse("`tdxcheck/variant/1` or `tdxcheck/model/1`");
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", asked.name, error.what()));
  }
}

void override_fairness(Target& target, const std::vector<std::string>& fair) {
  for (const std::string& how : fair) lower::override_fairness(target.model, how);
  target.fair = fair;
}

Target base_of(const std::string& name) {
  const Asked asked(name);
  if (asked.is_file(".json")) return from_json(asked);
  if (asked.is_file(".cpp")) return from_source(asked);
  return from_catalogue(asked.name, asked.variant);
}

} // namespace

result::Names Target::parameters() const {
  result::Names names;
  for (const auto id : model.parameters.ids())
    names[model.parameters[id].name] = print_parameter(model, id, valuation.parameters.at(id.value));
  return names;
}

std::vector<std::string> Target::without() const {
  std::vector<std::string> names;
  for (const auto id : model.guards.ids())
    if (!valuation.kept.at(id.value)) names.push_back(model.guards[id].name);
  return names;
}

Target resolve(const Request& request) {
  Target target = base_of(request.target);
  for (const std::string& setting : request.set) assign(target.model, target.valuation, setting);
  for (const std::string& guard : request.without) drop_guard(target.model, target.valuation, guard);
  override_fairness(target, request.fair);
  return target;
}

Target target_of(const result::Trace& trace) {
  Target target = base_of(trace.target);
  for (const auto& [parameter, value] : trace.parameters)
    assign(target.model, target.valuation, parameter, value);
  // A trace names every guard that is dropped: what it does not name is kept, whatever a variant file says by
  // now.
  target.valuation.kept.assign(target.valuation.kept.size(), true);
  for (const std::string& guard : trace.without) drop_guard(target.model, target.valuation, guard);
  override_fairness(target, trace.fair);
  return target;
}

model::Model instantiated(const Target& target) { return lower::instantiate(target.model, target.valuation); }

std::vector<std::pair<std::string, std::string>> built_in_names() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& entry : built_in()) names.emplace_back(entry.name, entry.summary);
  return names;
}

std::vector<model::Model> built_in_models() {
  std::vector<model::Model> models;
  for (const auto& entry : built_in()) models.push_back(entry.build());
  return models;
}

} // namespace tdxcheck::run
