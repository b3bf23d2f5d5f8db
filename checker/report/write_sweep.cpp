// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_sweep.h"

#include "report/columns.h"
#include "report/quantities.h"
#include "report/write_failing_sets.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::report {
namespace {

const result::PropertyResult* find(const result::CheckResult& result, const std::string& name) {
  for (const auto& property : result.properties)
    if (property.name == name) return &property;
  return nullptr;
}

// In the order in which the rows name them: a property may be claimed for some parameters only.
std::vector<std::string> properties_of(const SweepTable& sweep) {
  std::vector<std::string> names;
  for (const auto& row : sweep.rows) {
    for (const auto& property : row.result->properties)
      if (std::find(names.begin(), names.end(), property.name) == names.end()) names.push_back(property.name);
  }
  return names;
}

std::string verdict_of(const result::PropertyResult* property) {
  if (property == nullptr) return "not claimed";
  if (property->verdict == result::Verdict::violated && property->trace)
    return fmt::format("violated ({})", property->trace->steps.size());
  return std::string(result::name_of(property->verdict));
}

std::string size_of(const result::CheckResult& result) {
  const std::string states =
      std::to_string(result.states) + (result.engine.symmetry ? " up to symmetry" : "");
  return result.complete ? states : fmt::format("{} ({})", states, result.incomplete_because);
}

std::vector<std::string> head_of(const SweepTable& sweep) {
  std::vector<std::string> head = sweep.parameters;
  for (const auto& name : properties_of(sweep)) head.push_back(name);
  head.emplace_back("states");
  return head;
}

std::vector<std::string> line_of(const SweepTable& sweep, const SweepRow& row) {
  std::vector<std::string> line = row.values;
  for (const auto& name : properties_of(sweep)) line.push_back(verdict_of(find(*row.result, name)));
  line.push_back(size_of(*row.result));
  return line;
}

std::string joined(const std::vector<std::string>& cells, std::string_view between) {
  return fmt::format("{}", fmt::join(cells, between));
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string csv_line(std::vector<std::string> cells) {
  std::transform(cells.begin(), cells.end(), cells.begin(), quoted);
  return joined(cells, ",") + "\n";
}

// "12 cells, 4 of them checked: the others have the model of one of these; 1 was not finished"
std::string summary_of(const SweepTable& sweep) {
  std::string text = counted(sweep.rows.size(), "cell");
  if (sweep.computed < sweep.rows.size())
    text += fmt::format(", {} of them checked: each other one has the model of one of these", sweep.computed);
  const auto unfinished =
      std::ranges::count_if(sweep.rows, [](const SweepRow& row) { return !row.result->complete; });
  if (unfinished > 0)
    text += fmt::format("; {} {} not finished", unfinished, unfinished == 1 ? "was" : "were");
  return text;
}

} // namespace

std::string write_sweep_text(const SweepTable& sweep, std::size_t width) {
  Table table;
  for (const auto& name : head_of(sweep)) table.columns.push_back({name, 8});
  for (const auto& row : sweep.rows) {
    std::vector<Cell> cells;
    for (auto& text : line_of(sweep, row)) cells.push_back({std::move(text)});
    table.rows.push_back(std::move(cells));
  }
  std::string text = render(table, width) + "\n" + summary_of(sweep) + "\n";
  if (sweep.simplified != nullptr) text += "\n" + write_failing_sets_text(*sweep.simplified, width) + "\n";
  return text + "reproduce: " + sweep.reproduce + "\n";
}

std::string write_sweep_markdown(const SweepTable& sweep) {
  const auto head = head_of(sweep);
  std::string text = "| " + joined(head, " | ") + " |\n|";
  for (std::size_t i = 0; i < head.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : sweep.rows) text += "| " + joined(line_of(sweep, row), " | ") + " |\n";
  if (sweep.simplified != nullptr) text += "\n" + write_failing_sets_markdown(*sweep.simplified);
  return text;
}

std::string write_sweep_csv(const SweepTable& sweep) {
  std::string text = csv_line(head_of(sweep));
  for (const auto& row : sweep.rows) text += csv_line(line_of(sweep, row));
  return text;
}

nlohmann::ordered_json write_sweep_json(const SweepTable& sweep) {
  nlohmann::ordered_json json{{"schema", "tdxcheck/sweep/1"},
                              {"target", sweep.target},
                              {"parameters", sweep.parameters},
                              {"computed", sweep.computed},
                              {"cells", nlohmann::ordered_json::array()}};
  for (const auto& row : sweep.rows) {
    nlohmann::ordered_json values = nlohmann::ordered_json::object(), verdicts = values;
    for (std::size_t i = 0; i < row.values.size(); ++i) values[sweep.parameters[i]] = row.values[i];
    for (const auto& property : row.result->properties) {
      auto& verdict = verdicts[property.name];
      verdict["verdict"] = result::name_of(property.verdict);
      if (property.trace) verdict["steps"] = property.trace->steps.size();
    }
    json["cells"].push_back({{"set", values},
                             {"verdicts", verdicts},
                             {"complete", row.result->complete},
                             {"incomplete_because", row.result->incomplete_because},
                             {"states", row.result->states}});
  }
  if (sweep.simplified != nullptr) json["simplified"] = failing_sets_to_json(*sweep.simplified);
  json["reproduce"] = sweep.reproduce;
  return json;
}

} // namespace tdxcheck::report
