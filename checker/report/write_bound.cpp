// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_bound.h"

#include <fmt/format.h>

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "result/trace_json.h"

namespace tdxcheck::report {

std::string write_bound(const result::BoundResult& bound, const Subject& subject, bool brief,
                        std::size_t width) {
  std::string text;
  const auto line = [&](const std::string& words) {
    for (const std::string& part : wrap(words, width, 2)) text += part + "\n";
  };
  line(fmt::format("{}, {} {}: {}", bound.target, bound.per == "loop" ? "loop" : "operation around",
                   bound.loop, bound.detail));
  if (!bound.thread.empty()) line(fmt::format("  worst for {}", bound.thread));
  if (!brief && bound.witness) text += "\n" + render_table(*bound.witness, width, subject.chosen) + "\n";
  line(fmt::format("{}, {}, {}", counted(bound.states, "state"), counted(bound.transitions, "transition"),
                   as_duration(bound.seconds)));
  return text + "reproduce: " + bound.reproduce + "\n";
}

nlohmann::ordered_json bound_to_json(const result::BoundResult& bound) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "tdxcheck/bound/1"}, {"target", bound.target}};
  json["parameters"] = result::to_json(bound.parameters);
  json["without"] = bound.without;
  json["loop"] = bound.loop;
  json["cost"] = bound.cost;
  json["per"] = bound.per;
  json["answer"] = name_of(bound.answer);
  json["value"] = bound.answer == result::BoundAnswer::number ? Json(bound.value) : Json(nullptr);
  json["thread"] = bound.thread.empty() ? Json(nullptr) : Json(bound.thread);
  json["detail"] = bound.detail;
  json["witness"] = bound.witness ? result::to_json(*bound.witness) : Json(nullptr);
  json["states"] = bound.states;
  json["transitions"] = bound.transitions;
  json["seconds"] = bound.seconds;
  json["reproduce"] = bound.reproduce;
  return json;
}

} // namespace tdxcheck::report
