// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/model_json_reading.h"

#include "model/model_json_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::model::json_reading {
namespace {

class FactReader {
public:
  FactReader(const Model& model, Id<Thread> thread, ExpressionReader& expressions)
      : model_(model), thread_(thread), expressions_(expressions) {}

  // The first field says which kind of fact it is.
  Fact read(const JsonReader& json) {
    for (const LockAction action : json_words::lock_actions)
      if (json.has(name_of(action))) return lock_event(json, action);
    if (json.has("wait_for_lock")) return wait_for_lock(json);
    if (json.has("wait_for_threads")) return wait_for_threads(json);
    if (json.has("wait_for_cpu")) return wait_for_cpu(json);
    if (json.has("loop")) return loop_event(json);
    if (json.has("operation")) return operation_event(json);
    if (json.has("assertion")) return assertion(json);
    if (json.has("cost")) return cost(json);
    if (json.has("context")) return context(json);
    if (json.has("ran_under")) return ran_under(json);
    json.no_unknown_fields({"acquire", "try_acquire", "busy", "release", "wait_for_lock", "wait_for_threads",
                            "wait_for_cpu", "loop", "operation", "assertion", "cost", "context",
                            "ran_under"});
    json.refuse("a fact");
  }

private:
  LockMode mode(const JsonReader& json) {
    return read_name(json.required("mode"), "lock mode", json_words::lock_modes);
  }

  LockEvent lock_event(const JsonReader& json, LockAction action) {
    json.no_unknown_fields({name_of(action), "instance", "mode"});
    const Id<Lock> lock = find(model_.locks, "lock", json.required(name_of(action)));
    return {action, lock, expressions_.read_list(json, "instance"), mode(json)};
  }
  WaitForLock wait_for_lock(const JsonReader& json) {
    json.no_unknown_fields({"wait_for_lock", "instance", "mode"});
    const Id<Lock> lock = find(model_.locks, "lock", json.required("wait_for_lock"));
    return {lock, expressions_.read_list(json, "instance"), mode(json)};
  }
  WaitForThreads wait_for_threads(const JsonReader& json) {
    json.no_unknown_fields({"wait_for_threads", "bound", "which", "text"});
    const Id<Thread> thread = find(model_.threads, "thread", json.required("wait_for_threads"));
    const BoundName bound = read_bound(json.required("bound"));
    ExpressionReader inside = expressions_;
    if (const auto over = model_.threads[thread].over) inside.bind(bound, *over);
    return {thread, bound, inside.read(json.required("which")), text_of(json, "text")};
  }
  WaitForCpu wait_for_cpu(const JsonReader& json) {
    json.no_unknown_fields({"wait_for_cpu"});
    return {expressions_.read(json.required("wait_for_cpu"))};
  }
  LoopEvent loop_event(const JsonReader& json) {
    json.no_unknown_fields({"loop", "event"});
    return {read_word(json.required("event"), "event of a loop", json_words::loop_actions),
            find_in_thread(model_.loops, "loop", thread_, json.required("loop"))};
  }
  OperationEvent operation_event(const JsonReader& json) {
    json.no_unknown_fields({"operation", "event"});
    return {read_word(json.required("event"), "event of an operation", json_words::operation_actions),
            find_in_thread(model_.operations, "operation", thread_, json.required("operation"))};
  }
  Assertion assertion(const JsonReader& json) {
    json.no_unknown_fields({"assertion", "holds", "text"});
    return {json.required("assertion").string(), expressions_.read(json.required("holds")),
            text_of(json, "text")};
  }
  Cost cost(const JsonReader& json) {
    json.no_unknown_fields({"cost", "amount"});
    return {read_word(json.required("cost"), "cost", json_words::cost_kinds),
            expressions_.read(json.required("amount"))};
  }
  ContextEvent context(const JsonReader& json) {
    json.no_unknown_fields({"context"});
    return {read_word(json.required("context"), "context", json_words::context_actions)};
  }
  RanUnder ran_under(const JsonReader& json) {
    json.no_unknown_fields({"ran_under"});
    return {find(model_.guards, "guard", json.required("ran_under"))};
  }

  const Model& model_;
  Id<Thread> thread_;
  ExpressionReader& expressions_;
};

Label read_label(const JsonReader& json) {
  json.no_unknown_fields({"name", "domain", "end", "source"});
  return {json.required("name").name(), read_name(json.required("domain"), "domain", json_words::domains),
          flag_of(json, "end"), source_of(json)};
}

Update read_update(const JsonReader& json, const Model& model, ExpressionReader& expressions) {
  json.no_unknown_fields({"variable", "at", "value"});
  const Id<Variable> variable = find(model.variables, "variable", json.required("variable"));
  return {{variable, expressions.read_list(json, "at")}, expressions.read(json.required("value"))};
}

void read_effects(Step& step, const JsonReader& json, const Model& model, Id<Thread> thread) {
  ExpressionReader expressions(model, model.threads[thread].over);
  for (const JsonReader& item : list_of(json, "choices")) {
    item.no_unknown_fields({"some", "in"});
    step.choices.push_back({read_bound(item.required("some")), find(model.sets, "set", item.required("in"))});
    expressions.bind(step.choices.back().bound, step.choices.back().set);
  }
  step.guard = expressions.read(json.required("guard"));
  for (const JsonReader& item : list_of(json, "named")) {
    item.no_unknown_fields({"guard", "condition"});
    const Id<GuardName> guard = find(model.guards, "guard", item.required("guard"));
    step.named.push_back({guard, expressions.read(item.required("condition"))});
  }
  for (const JsonReader& item : list_of(json, "updates"))
    step.updates.push_back(read_update(item, model, expressions));
  FactReader facts(model, thread, expressions);
  for (const JsonReader& item : list_of(json, "facts")) step.facts.push_back(facts.read(item));
}

Step read_step(const JsonReader& json, const Model& model, Id<Thread> thread, const Table<Label>& labels) {
  json.no_unknown_fields({"from", "to", "silent", "text", "function", "call", "status", "choices", "guard",
                          "named", "updates", "facts", "fairness", "source"});
  Step step;
  step.from = find(labels, "label", json.required("from"));
  step.to = find(labels, "label", json.required("to"));
  step.silent = flag_of(json, "silent");
  step.text = text_of(json, "text");
  step.function = text_of(json, "function");
  step.call = text_of(json, "call");
  step.status = text_of(json, "status");
  step.fairness = read_name(json.required("fairness"), "fairness", json_words::fairnesses);
  step.source = source_of(json);
  read_effects(step, json, model, thread);
  return step;
}

} // namespace

Thread read_thread(const JsonReader& json, const Model& model, Id<Thread> id) {
  json.no_unknown_fields({"name", "over", "labels", "start", "steps", "cpu", "doc", "source"});
  Thread thread = model.threads[id];
  thread.labels = {};
  for (const JsonReader& item : json.required("labels").array()) {
    Label label = read_label(item);
    if (std::ranges::find(thread.labels, label.name, &Label::name) != thread.labels.end())
      item.required("name").fail(fmt::format("the label `{}` is there twice", label.name));
    thread.labels.add(std::move(label));
  }
  thread.start = find(thread.labels, "label", json.required("start"));
  for (const JsonReader& item : json.required("steps").array())
    thread.steps.push_back(read_step(item, model, id, thread.labels));
  if (const auto cpu = json.optional("cpu")) thread.cpu = ExpressionReader(model, thread.over).read(*cpu);
  thread.doc = text_of(json, "doc");
  thread.source = source_of(json);
  return thread;
}

} // namespace tdxcheck::model::json_reading
