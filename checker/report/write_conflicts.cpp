// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_conflicts.h"

#include <fmt/format.h>

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "result/trace_json.h"

namespace tdxcheck::report {
namespace {

std::string in_words(const result::Conflict& c) {
  const std::string by = c.holder_thread.empty()
                             ? "nobody holds it: it is kept for somebody else"
                             : fmt::format("{} holds it ({}) in {}", c.holder_thread, c.held_mode, c.holder);
  return fmt::format("{} in {} finds {} busy ({}); {}; {}, {} away", c.newcomer_thread, c.newcomer, c.lock,
                     c.wanted_mode, by, counted(c.count, "state"), counted(c.trace.steps.size(), "step"));
}

} // namespace

std::string write_conflicts(const result::ConflictsResult& conflicts, const Subject& subject, bool all,
                            std::size_t width) {
  std::string text;
  const auto line = [&](const std::string& words) {
    for (const std::string& part : wrap(words, width, 4)) text += part + "\n";
  };
  if (conflicts.conflicts.empty())
    line("nothing is ever busy" + std::string(conflicts.complete ? "" : " in what was searched"));
  for (const result::Conflict& conflict : conflicts.conflicts) {
    line(in_words(conflict));
    if (all) text += "\n" + render_table(conflict.trace, width, subject.chosen) + "\n";
  }
  for (const std::string& loop : conflicts.idle_loops)
    line(loop + " never goes round: for these parameters its retry is dead code");
  line(fmt::format("{}; {}, {}, {}",
                   conflicts.complete ? "complete" : "incomplete: " + conflicts.incomplete_because,
                   counted(conflicts.states, "state"), counted(conflicts.transitions, "transition"),
                   as_duration(conflicts.seconds)));
  return text + "reproduce: " + conflicts.reproduce + "\n";
}

nlohmann::ordered_json conflicts_to_json(const result::ConflictsResult& conflicts) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "tdxcheck/conflicts/1"}, {"module", nullptr}, {"target", conflicts.target}};
  json["parameters"] = result::to_json(conflicts.parameters);
  json["without"] = conflicts.without;
  json["pairs"] = Json::array();
  for (const result::Conflict& c : conflicts.conflicts) {
    Json pair{{"holder", c.holder}, {"newcomer", c.newcomer}, {"locks", {c.lock}}};
    pair["holder_thread"] = c.holder_thread.empty() ? Json(nullptr) : Json(c.holder_thread);
    pair["newcomer_thread"] = c.newcomer_thread;
    pair["held_mode"] = c.held_mode.empty() ? Json(nullptr) : Json(c.held_mode);
    pair["wanted_mode"] = c.wanted_mode;
    pair["count"] = c.count;
    pair["trace"] = result::to_json(c.trace);
    json["pairs"].push_back(std::move(pair));
  }
  json["idle_loops"] = conflicts.idle_loops;
  json["complete"] = conflicts.complete;
  json["states"] = conflicts.states;
  json["transitions"] = conflicts.transitions;
  json["reproduce"] = conflicts.reproduce;
  return json;
}

} // namespace tdxcheck::report
