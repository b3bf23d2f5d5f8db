// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/trace_json.h"

#include <charconv>
#include <limits>

namespace tdxcheck::result {
namespace {

using Json = nlohmann::ordered_json;
using support::JsonReader;

constexpr const char* schema = "tdxcheck/trace/1";

Json lock_to_json(const TraceLock& lock) {
  return {{"lock", lock.lock}, {"event", lock.event}, {"mode", lock.mode}};
}

Json step_to_json(const TraceStep& step) {
  Json json{{"thread", step.thread}};
  json["cpu"] = step.cpu ? Json(*step.cpu) : Json(nullptr);
  json["domain"] = step.domain;
  json["from"] = step.from;
  json["to"] = step.to;
  json["text"] = step.text;
  json["function"] = step.function;
  json["call"] = step.call;
  json["status"] = step.status;
  json["source"] = step.source;
  json["choices"] = to_json(step.choices);
  json["locks"] = Json::array();
  for (const TraceLock& lock : step.locks) json["locks"].push_back(lock_to_json(lock));
  json["changed"] = to_json(step.changed);
  json["failed"] = step.failed;
  return json;
}

Names names_of(const JsonReader& object) {
  Names names;
  for (const auto& [name, value] : object.members()) names[name] = value_from_json(value);
  return names;
}

std::vector<std::string> texts_of(const JsonReader& list) {
  std::vector<std::string> texts;
  for (const JsonReader& text : list.array()) texts.push_back(text.string());
  return texts;
}

std::string optional_text(const JsonReader& object, std::string_view key) {
  const auto field = object.optional(key);
  return field ? field->string() : "";
}

TraceLock lock_of(const JsonReader& json) {
  json.no_unknown_fields({"lock", "event", "mode"});
  TraceLock lock{json.required("lock").string(), json.required("event").string(),
                 json.required("mode").string()};
  (void)json.required("event").one_of("lock event", {"acquire", "try_acquire", "busy", "release"});
  (void)json.required("mode").one_of("lock mode", {"shared", "exclusive"});
  return lock;
}

TraceStep step_of(const JsonReader& json) {
  json.no_unknown_fields({"thread", "cpu", "domain", "from", "to", "text", "function", "call", "status",
                          "source", "choices", "locks", "changed", "failed"});
  TraceStep step;
  step.thread = json.required("thread").string();
  if (const auto cpu = json.optional("cpu"); cpu && !cpu->is_null())
    step.cpu = static_cast<int>(cpu->integer(0, std::numeric_limits<int>::max()));
  step.domain = optional_text(json, "domain");
  step.from = json.required("from").string();
  step.to = json.required("to").string();
  step.text = optional_text(json, "text");
  step.function = optional_text(json, "function");
  step.call = optional_text(json, "call");
  step.status = optional_text(json, "status");
  step.source = optional_text(json, "source");
  step.choices = names_of(json.required("choices"));
  if (const auto locks = json.optional("locks"))
    for (const JsonReader& lock : locks->array()) step.locks.push_back(lock_of(lock));
  step.changed = names_of(json.required("changed"));
  if (const auto failed = json.optional("failed")) step.failed = texts_of(*failed);
  return step;
}

} // namespace

Json value_to_json(const std::string& value) {
  if (value == "true") return true;
  if (value == "false") return false;
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number);
  if (error == std::errc() && stopped == end && std::to_string(number) == value) return number;
  return value;
}

std::string value_from_json(const JsonReader& value) {
  if (value.is_string()) return value.string();
  if (value.is_boolean()) return value.boolean() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.integer());
  value.refuse("an integer, true, false or a text");
}

Json to_json(const Names& names) {
  Json json = Json::object();
  for (const auto& [name, value] : names) json[name] = value_to_json(value);
  return json;
}

Json to_json(const Trace& trace) {
  Json json{{"schema", schema}, {"target", trace.target}};
  json["parameters"] = to_json(trace.parameters);
  json["without"] = trace.without;
  if (!trace.fair.empty()) json["fair"] = trace.fair;
  json["property"] = trace.property;
  json["shape"] = trace.shape == TraceShape::lasso ? "lasso" : "path";
  json["loop"] = trace.loop ? Json(*trace.loop) : Json(nullptr);
  json["initial"] = to_json(trace.initial);
  json["steps"] = Json::array();
  for (const TraceStep& step : trace.steps) json["steps"].push_back(step_to_json(step));
  json["final"] = to_json(trace.final);
  return json;
}

Trace trace_from_json(const nlohmann::json& value) {
  const JsonReader json(value);
  json.schema(schema);
  json.no_unknown_fields({"schema", "target", "parameters", "without", "fair", "property", "shape", "loop",
                          "initial", "steps", "final"});
  Trace trace;
  trace.target = json.required("target").string();
  trace.parameters = names_of(json.required("parameters"));
  trace.without = texts_of(json.required("without"));
  if (const auto fair = json.optional("fair")) trace.fair = texts_of(*fair);
  trace.property = json.required("property").string();
  trace.shape =
      json.required("shape").one_of("shape", {"path", "lasso"}) == 1 ? TraceShape::lasso : TraceShape::path;
  if (const auto loop = json.optional("loop"); loop && !loop->is_null())
    trace.loop = static_cast<std::size_t>(loop->integer(0));
  trace.initial = names_of(json.required("initial"));
  for (const JsonReader& step : json.required("steps").array()) trace.steps.push_back(step_of(step));
  trace.final = names_of(json.required("final"));
  return trace;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace tdxcheck::result
