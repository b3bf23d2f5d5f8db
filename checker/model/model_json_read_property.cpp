// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_reading.h"

namespace tdxcheck::model::json_reading {
namespace {

struct ClaimForm {
  std::vector<std::string_view> fields;
  Claim (*read)(const JsonReader&, const Model&);
};

Expr claimed(const JsonReader& json, const Model& model, std::string_view key) {
  return ExpressionReader(model).read(json.required(key));
}

Claim read_retries(const JsonReader& json, const Model& model) {
  const Id<Thread> thread = find(model.threads, "thread", json.required("thread"));
  const Id<Loop> loop = find_in_thread(model.loops, "loop", thread, json.required("loop"));
  return Retries{loop, claimed(json, model, "limit")};
}

Claim read_leads_to(const JsonReader& json, const Model& model) {
  Expr from = claimed(json, model, "from");
  return LeadsTo{std::move(from), claimed(json, model, "to")};
}

Claim read_balanced(const JsonReader& json, const Model& model) {
  return Balanced{find(model.counters, "counter", json.required("counter"))};
}

template <class OneCondition>
Claim read_condition(const JsonReader& json, const Model& model) {
  return OneCondition{claimed(json, model, "condition")};
}

template <class NoArguments>
Claim read_plain(const JsonReader&, const Model&) {
  return NoArguments{};
}

const std::vector<ClaimForm>& claim_forms() {
  static const std::vector<ClaimForm> forms{
      {{"condition"}, read_condition<Always>},
      {{}, read_plain<Asserted>},
      {{}, read_plain<NoDeadlock>},
      {{}, read_plain<LockDiscipline>},
      {{}, read_plain<LockOrder>},
      {{}, read_plain<NoLivelock>},
      {{}, read_plain<NoStarvation>},
      {{"from", "to"}, read_leads_to},
      {{"condition"}, read_condition<Recoverable>},
      {{"thread", "loop", "limit"}, read_retries},
      {{"counter"}, read_balanced},
      {{"condition"}, read_condition<Sometimes>},
  };
  static_assert(std::variant_size_v<Claim> == 12, "a new kind of claim needs a form");
  return forms;
}

// Those of template_name, in the order of the forms.
std::vector<std::string> templates() {
  const Claim all[] = {Always{},       Asserted{}, NoDeadlock{},  LockDiscipline{}, LockOrder{}, NoLivelock{},
                       NoStarvation{}, LeadsTo{},  Recoverable{}, Retries{},        Balanced{},  Sometimes{}};
  std::vector<std::string> names;
  for (const Claim& claim : all) names.emplace_back(template_name(claim));
  return names;
}

} // namespace

Property read_property(const JsonReader& json, const Model& model) {
  const ClaimForm& form = claim_forms()[json.required("template").one_of("template", templates())];
  std::vector<std::string_view> known{"name", "template", "claimed_when", "doc", "source"};
  known.insert(known.end(), form.fields.begin(), form.fields.end());
  json.no_unknown_fields(known);
  Property property{
      json.required("name").name(), form.read(json, model), {}, text_of(json, "doc"), source_of(json)};
  if (const auto when = json.optional("claimed_when"))
    property.claimed_when = ExpressionReader(model).read(*when);
  return property;
}

} // namespace tdxcheck::model::json_reading
