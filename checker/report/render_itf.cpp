// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/render_itf.h"

#include "report/step_text.h"
#include "result/trace_json.h"

#include <nlohmann/json.hpp>

namespace tdxcheck::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* step_name = "what happened"; // no variable is named with a space

Json value_of(const std::string& text) {
  const Json plain = result::value_to_json(text);
  if (plain.is_number()) return {{"#bigint", text}};
  return plain;
}

// A record with the fields `tag` and `value` is a variant to those who read the format.
std::string field_of(const std::string& name, const result::Names& values) {
  return name == "tag" && values.contains("value") ? "tag (variable)" : name;
}

Json state_of(std::size_t index, const std::string& step, const result::Names& values) {
  Json state{{"#meta", {{"index", index}}}, {step_name, step}};
  for (const auto& [name, value] : values) state[field_of(name, values)] = value_of(value);
  return state;
}

} // namespace

std::string render_itf(const result::Trace& trace) {
  Json document;
  document["#meta"] = {{"format", "ITF"},
                       {"format-description", "https://apalache-mc.org/docs/adr/015adr-trace.html"},
                       {"description", trace.target + ": " + trace.property}};
  document["params"] = Json::array();
  document["vars"] = Json::array({step_name});
  for (const auto& [name, value] : trace.initial) document["vars"].push_back(field_of(name, trace.initial));
  if (trace.shape == result::TraceShape::lasso && trace.loop) document["loop"] = *trace.loop;

  result::Names now = trace.initial;
  document["states"] = Json::array({state_of(0, "initially", now)});
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const auto& step = trace.steps[i];
    for (const auto& [name, value] : step.changed) now[name] = value;
    now["at " + step.thread] = step.to;
    document["states"].push_back(state_of(i + 1, step.thread + ": " + what_happens(step), now));
  }
  return document.dump(1) + "\n";
}

} // namespace tdxcheck::report
