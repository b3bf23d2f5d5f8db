// SPDX-License-Identifier: GPL-2.0-or-later
//
// A run of several threads could be one thread flow each. It is a single one here, in the order of the run:
// the interleaving is the point, and the common viewers show the first thread flow alone.
#include "report/write_sarif.h"

#include "report/source_place.h"
#include "report/step_text.h"
#include "report/write_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tdxcheck::report {
namespace {

using Json = nlohmann::ordered_json;
using result::Expectation;
using result::GateCheck;
using result::GateResult;
using result::Outcome;

// RFC 3986: what a path of a URI may hold as it is.
std::string as_uri(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) uri += c;
    else uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

Json physical_location(const SourcePlace& place) {
  const bool absolute = place.file.starts_with('/');
  Json artifact{{"uri", (absolute ? "file://" : "") + as_uri(place.file)}};
  if (!absolute) artifact["uriBaseId"] = "%SRCROOT%";
  return {{"artifactLocation", artifact}, {"region", {{"startLine", place.line}}}};
}

Json location(const SourcePlace& place) { return {{"physicalLocation", physical_location(place)}}; }

// In SARIF's own words for what a step of a thread flow may be.
Json kinds_of(const result::TraceStep& step) {
  std::set<std::string> kinds;
  for (const result::TraceLock& lock : step.locks) {
    kinds.insert("lock");
    kinds.insert(lock.event == "release" ? "release" : "acquire");
  }
  if (!step.call.empty()) kinds.insert("call");
  if (!step.failed.empty()) kinds.insert("danger");
  return kinds;
}

std::string message_of(const result::TraceStep& step) {
  std::string text = step.thread + ": " + what_happens(step);
  if (!step.status.empty()) text += " -> " + step.status;
  for (const result::TraceLock& lock : step.locks) text += "; " + describe(lock);
  for (const std::string& failed : failures(step)) text += "; " + failed;
  return text;
}

Json flow_location(const result::TraceStep& step, std::size_t number, bool last) {
  Json where = step.source.empty() ? Json::object() : location(place_of(step.source));
  where["message"] = {{"text", message_of(step)}};
  if (!step.function.empty())
    where["logicalLocations"] = Json::array({{{"name", step.function}, {"kind", "function"}}});
  Json flow{{"location", where}, {"executionOrder", number}};
  flow["importance"] = last || !step.failed.empty() ? "essential" : "important";
  if (const Json kinds = kinds_of(step); !kinds.empty()) flow["kinds"] = kinds;
  Json state = Json::object();
  for (const auto& [cell, value] : step.changed) state[cell] = {{"text", value}};
  if (!state.empty()) flow["state"] = state;
  return flow;
}

Json code_flow(const result::Trace& trace) {
  Json locations = Json::array();
  for (std::size_t i = 0; i < trace.steps.size(); ++i)
    locations.push_back(flow_location(trace.steps[i], i + 1, i + 1 == trace.steps.size()));
  std::string text = fmt::format("A run of {} steps", trace.steps.size());
  if (trace.loop) text += fmt::format("; the last leads back to step {}", *trace.loop + 1);
  Json flow{{"id", "run"}, {"message", {{"text", text}}}, {"locations", locations}};
  return {{"message", {{"text", text}}}, {"threadFlows", Json::array({flow})}};
}

Json result_of(const GateCheck& check, const Expectation& expectation) {
  const auto* property = check.property(expectation.property);
  Json result{{"ruleId", expectation.property}, {"kind", "fail"}, {"level", "error"}};
  result["message"] = {{"text", fmt::format("{}: {}\nreproduce: {}", check.name,
                                            describe_unmet(check, expectation), check.reproduce)}};
  result["locations"] = Json::array({location(place_of(check, expectation))});
  const bool has_run = expectation.outcome() == Outcome::broken && property != nullptr && property->trace &&
                       !property->trace->steps.empty();
  if (has_run) result["codeFlows"] = Json::array({code_flow(*property->trace)});
  Json expected_at = location({check.file, expectation.line});
  expected_at["message"] = {{"text", fmt::format("where it is expected: {}", name_of(expectation.expected))}};
  expected_at["id"] = 1;
  result["relatedLocations"] = Json::array({expected_at});
  result["partialFingerprints"] = {{"expectation/v1", check.name + ": " + expectation.property}};
  result["properties"] = {{"outcome", name_of(expectation.outcome())},
                          {"expected", name_of(expectation.expected)},
                          {"found", name_of(expectation.found)}};
  return result;
}

Json notification_of(const GateCheck& check) {
  return {{"level", "error"},
          {"message", {{"text", fmt::format("{}: {}: {}", check.name, name_of(check.outcome), check.error)}}},
          {"locations", Json::array({location({check.file, check.line})})}};
}

// Every property that is not as expected, once.
Json rules_of(const GateResult& gate) {
  std::set<std::string> known;
  Json rules = Json::array();
  for (const GateCheck& check : gate.checks)
    for (const Expectation& e : check.expectations) {
      if (!check.error.empty() || e.outcome() == Outcome::met || !known.insert(e.property).second) continue;
      const auto* property = check.property(e.property);
      const std::string claim = property != nullptr ? property->template_name : "not judged";
      rules.push_back(
          {{"id", e.property}, {"shortDescription", {{"text", fmt::format("{} ({})", e.property, claim)}}}});
    }
  return rules;
}

} // namespace

nlohmann::ordered_json write_sarif(const GateResult& gate, const std::string& version, int exit_code) {
  Json results = Json::array(), notifications = Json::array();
  for (const GateCheck& check : gate.checks) {
    if (!check.error.empty()) {
      notifications.push_back(notification_of(check));
      continue;
    }
    for (const Expectation& e : check.expectations)
      if (e.outcome() != Outcome::met) results.push_back(result_of(check, e));
  }
  Json invocation{{"commandLine", gate.reproduce},
                  {"exitCode", exit_code},
                  {"executionSuccessful", notifications.empty() && !gate.interrupted}};
  if (!notifications.empty()) invocation["toolExecutionNotifications"] = notifications;
  Json driver{{"name", "tdxcheck"}, {"version", version}, {"rules", rules_of(gate)}};
  Json run{
      {"tool", {{"driver", driver}}},
      {"invocations", Json::array({invocation})},
      {"originalUriBaseIds", {{"%SRCROOT%", {{"description", {{"text", "The top of the source tree"}}}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", results}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Json::array({run})}};
}

} // namespace tdxcheck::report
