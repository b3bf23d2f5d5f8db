// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_writing.h"

#include "model/model_json_words.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::model::json_writing {
namespace {

Json write_label(const Label& label) {
  Json json = {{"name", label.name}, {"domain", name_of(label.domain)}};
  put_flag(json, "end", label.end);
  put_source(json, label.source);
  return json;
}

// The first field says which kind of fact it is.
struct WriteFact {
  const Model& model;

  Json lock(std::string key, Id<Lock> lock, const std::vector<Expr>& instance, LockMode mode) const {
    Json json = {{std::move(key), model.locks[lock].name}};
    put_list(json, "instance", write_expressions(model, instance));
    json["mode"] = name_of(mode);
    return json;
  }

  Json operator()(const LockEvent& fact) const {
    return lock(std::string(name_of(fact.action)), fact.lock, fact.instance, fact.mode);
  }
  Json operator()(const WaitForLock& fact) const {
    return lock("wait_for_lock", fact.lock, fact.instance, fact.mode);
  }
  Json operator()(const WaitForThreads& fact) const {
    Json json = {{"wait_for_threads", model.threads[fact.thread].name},
                 {"bound", write_bound(fact.bound)},
                 {"which", write_expression(model, fact.which)}};
    put_text(json, "text", fact.text);
    return json;
  }
  Json operator()(const WaitForCpu& fact) const {
    return {{"wait_for_cpu", write_expression(model, fact.cpu)}};
  }
  Json operator()(const LoopEvent& fact) const {
    return {{"loop", model.loops[fact.loop].name},
            {"event", json_words::word_of(json_words::loop_actions, fact.action)}};
  }
  Json operator()(const OperationEvent& fact) const {
    return {{"operation", model.operations[fact.operation].name},
            {"event", json_words::word_of(json_words::operation_actions, fact.action)}};
  }
  Json operator()(const Assertion& fact) const {
    Json json = {{"assertion", fact.property}, {"holds", write_expression(model, fact.holds)}};
    put_text(json, "text", fact.text);
    return json;
  }
  Json operator()(const Cost& fact) const {
    return {{"cost", json_words::word_of(json_words::cost_kinds, fact.kind)},
            {"amount", write_expression(model, fact.amount)}};
  }
  Json operator()(const ContextEvent& fact) const {
    return {{"context", json_words::word_of(json_words::context_actions, fact.action)}};
  }
  Json operator()(const RanUnder& fact) const { return {{"ran_under", model.guards[fact.guard].name}}; }
};

Json write_update(const Model& model, const Update& update) {
  Json json = {{"variable", model.variables[update.target.variable].name}};
  put_list(json, "at", write_expressions(model, update.target.at));
  json["value"] = write_expression(model, update.value);
  return json;
}

void put_effects(Json& json, const Model& model, const Step& step) {
  Json choices = Json::array(), named = Json::array(), updates = Json::array(), facts = Json::array();
  for (const Choice& choice : step.choices)
    choices.push_back({{"some", write_bound(choice.bound)}, {"in", model.sets[choice.set].name}});
  for (const NamedConjunct& conjunct : step.named)
    named.push_back({{"guard", model.guards[conjunct.guard].name},
                     {"condition", write_expression(model, conjunct.condition)}});
  for (const Update& update : step.updates) updates.push_back(write_update(model, update));
  for (const Fact& fact : step.facts) facts.push_back(std::visit(WriteFact{model}, fact));
  put_list(json, "choices", std::move(choices));
  json["guard"] = write_expression(model, step.guard);
  put_list(json, "named", std::move(named));
  put_list(json, "updates", std::move(updates));
  put_list(json, "facts", std::move(facts));
}

Json write_step(const Model& model, const Thread& thread, const Step& step) {
  Json json = {{"from", thread.labels[step.from].name}, {"to", thread.labels[step.to].name}};
  put_flag(json, "silent", step.silent);
  put_text(json, "text", step.text);
  put_text(json, "function", step.function);
  put_text(json, "call", step.call);
  put_text(json, "status", step.status);
  put_effects(json, model, step);
  json["fairness"] = name_of(step.fairness);
  put_source(json, step.source);
  return json;
}

// The arguments of a claim; its template is written beside them.
struct WriteClaim {
  const Model& model;
  Json& json;

  void put(const char* key, const Expr& e) const { json[key] = write_expression(model, e); }

  void operator()(const Always& claim) const { put("condition", claim.condition); }
  void operator()(const Recoverable& claim) const { put("condition", claim.condition); }
  void operator()(const Sometimes& claim) const { put("condition", claim.condition); }
  void operator()(const LeadsTo& claim) const {
    put("from", claim.from);
    put("to", claim.to);
  }
  void operator()(const Retries& claim) const {
    const Loop& loop = model.loops[claim.loop];
    json["loop"] = loop.name;
    json["thread"] = model.threads[loop.thread].name;
    put("limit", claim.limit);
  }
  void operator()(const Balanced& claim) const { json["counter"] = model.counters[claim.counter].name; }
  void operator()(const Asserted&) const {}
  void operator()(const NoDeadlock&) const {}
  void operator()(const LockDiscipline&) const {}
  void operator()(const LockOrder&) const {}
  void operator()(const NoLivelock&) const {}
  void operator()(const NoStarvation&) const {}
};

} // namespace

Json write_thread(const Model& model, const Thread& thread) {
  Json json = {{"name", thread.name}};
  if (thread.over) json["over"] = model.sets[*thread.over].name;
  Json labels = Json::array(), steps = Json::array();
  for (const Label& label : thread.labels) labels.push_back(write_label(label));
  for (const Step& step : thread.steps) steps.push_back(write_step(model, thread, step));
  json["labels"] = std::move(labels);
  json["start"] = thread.labels[thread.start].name;
  json["steps"] = std::move(steps);
  put_expression(json, "cpu", model, thread.cpu);
  put_text(json, "doc", thread.doc);
  put_source(json, thread.source);
  return json;
}

Json write_property(const Model& model, const Property& property) {
  Json json = {{"name", property.name}, {"template", template_name(property.claim)}};
  std::visit(WriteClaim{model, json}, property.claim);
  put_expression(json, "claimed_when", model, property.claimed_when);
  put_text(json, "doc", property.doc);
  put_source(json, property.source);
  return json;
}

} // namespace tdxcheck::model::json_writing
