// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_diff.h"

#include "report/columns.h"
#include "report/diff_sections.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "report/write_text.h"
#include "result/trace_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tdxcheck::report {
namespace {

using Json = nlohmann::ordered_json;

result::Verdict color_of(const result::Diff& diff) {
  if (diff.is_regression()) return result::Verdict::violated;
  return diff.is_unknown() || diff.is_different() ? result::Verdict::unknown : result::Verdict::holds;
}

std::string indented(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    result += "  " + text.substr(at, end - at);
    at = end;
  }
  return result;
}

// What would end the cell of a table.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += "\\|";
    else safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::string table_of(const DiffSection& section) {
  std::string text = "|";
  for (const std::string& name : section.head) text += fmt::format(" {} |", name);
  text += "\n|";
  for (std::size_t i = 0; i < section.head.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : section.rows) {
    text += "|";
    for (const std::string& one : row) text += fmt::format(" {} |", cell(one));
    text += "\n";
  }
  return text;
}

Json side_to_json(const result::DiffSide& side) {
  return {{"target", side.target},           {"parameters", result::to_json(side.parameters)},
          {"without", side.without},         {"states", side.states},
          {"transitions", side.transitions}, {"depth", side.depth},
          {"complete", side.complete}};
}

Json to_json(const std::optional<result::Verdict>& verdict) {
  return verdict ? Json(name_of(*verdict)) : Json("not claimed");
}

Json to_json(const std::optional<result::BoundOfLoop>& bound) {
  if (!bound) return nullptr;
  const bool number = bound->answer == result::BoundAnswer::number;
  return {{"answer", name_of(bound->answer)}, {"value", number ? Json(bound->value) : Json(nullptr)}};
}

Json to_json(const std::vector<result::LockEdge>& edges) {
  Json json = Json::array();
  for (const result::LockEdge& edge : edges)
    json.push_back({{"held", edge.held},
                    {"acquired", edge.acquired},
                    {"blocking", edge.blocking},
                    {"where", edge.where}});
  return json;
}

Json to_json(const result::RunsChange& runs) {
  Json json{{"answer", name_of(runs.answer)}, {"how", runs.how}, {"events", Json::array()}};
  for (const result::Event& event : runs.events)
    json["events"].push_back({{"thread", event.thread}, {"call", event.call}, {"status", event.status}});
  json["run"] = runs.run ? result::to_json(*runs.run) : Json(nullptr);
  json["caveat"] = runs.caveat;
  return json;
}

} // namespace

std::string outcome_of(const result::Diff& diff) {
  if (diff.is_regression()) return "regression";
  if (diff.is_unknown()) return "unknown";
  return diff.is_different() ? "different" : "the same";
}

std::string write_diff_text(const result::Diff& diff, const DiffText& options) {
  std::string text;
  const auto line = [&](const std::string& words, std::size_t hanging) {
    for (const std::string& part : wrap(words, options.width, hanging)) text += part + "\n";
  };
  line(subject_of(diff), 4);
  for (const DiffSection& section : sections_of(diff)) {
    text += "\n" + section.title + "\n";
    Table table;
    for (const std::string& name : section.head) table.columns.push_back({name, 6});
    for (const auto& row : section.rows) {
      std::vector<Cell> cells;
      for (const std::string& one : row) cells.push_back({one});
      table.rows.push_back(std::move(cells));
    }
    if (!table.rows.empty()) text += indented(render(table, options.width - 2));
    for (const std::string& remark : section.remarks)
      if (!remark.empty()) line("  " + remark, 6);
  }
  if (diff.runs.run && !options.brief) text += "\n" + render_table(*diff.runs.run, options.width);
  const std::string outcome = outcome_of(diff);
  text += "\n" + painted(color_of(diff), outcome, options.color) +
          fmt::format("; {}\n", as_duration(diff.seconds));
  return text + "reproduce: " + diff.reproduce + "\n";
}

std::string write_diff_markdown(const result::Diff& diff) {
  std::string text = fmt::format("## {}\n\n**{}**\n", subject_of(diff), outcome_of(diff));
  for (const DiffSection& section : sections_of(diff)) {
    text += fmt::format("\n### {}\n\n", section.title);
    if (!section.rows.empty()) text += table_of(section) + "\n";
    for (const std::string& remark : section.remarks)
      if (!remark.empty()) text += remark.starts_with("  ") ? remark.substr(2) + "\n" : remark + "\n\n";
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text + fmt::format("\n`{}`\n", diff.reproduce);
}

nlohmann::ordered_json diff_to_json(const result::Diff& diff) {
  Json json{{"schema", "tdxcheck/diff/1"}, {"outcome", outcome_of(diff)}};
  json["base"] = side_to_json(diff.base);
  json["new"] = side_to_json(diff.now);
  json["verdicts"] = Json::array();
  for (const auto& change : diff.verdicts)
    json["verdicts"].push_back({{"property", change.property},
                                {"before", to_json(change.before)},
                                {"after", to_json(change.after)},
                                {"change", name_of(change.change)},
                                {"detail", change.detail}});
  json["bounds"] = Json::array();
  for (const auto& change : diff.bounds)
    json["bounds"].push_back({{"loop", change.loop},
                              {"before", to_json(change.before)},
                              {"after", to_json(change.after)},
                              {"change", name_of(change.change)}});
  json["lock_order"] = {{"complete", diff.lock_order_known},
                        {"new", to_json(diff.new_edges)},
                        {"gone", to_json(diff.gone_edges)},
                        {"new_cycles", diff.new_cycles},
                        {"gone_cycles", diff.gone_cycles}};
  json["runs"] = to_json(diff.runs);
  json["seconds"] = diff.seconds;
  json["reproduce"] = diff.reproduce;
  return json;
}

} // namespace tdxcheck::report
