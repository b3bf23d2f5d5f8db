// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/render_table.h"

#include "report/columns.h"
#include "report/step_text.h"

#include <fmt/format.h>

namespace tdxcheck::report {
namespace {

// Where a state variable usually starts, so that only the others need to be said.
bool is_a_usual_start(const std::string& value) {
  return value == "0" || value == "false" || value == "none" || value == "{}";
}

std::set<std::string> cells_that_change(const result::Trace& trace) {
  std::set<std::string> cells;
  for (const auto& step : trace.steps)
    for (const auto& [name, value] : step.changed) cells.insert(name);
  return cells;
}

std::string initial_lines(const result::Trace& trace, std::size_t width,
                          const std::optional<std::set<std::string>>& chosen) {
  const std::set<std::string> changing = cells_that_change(trace);
  std::string text;
  for (const auto& [name, value] : trace.initial) {
    const bool is_chosen = chosen && chosen->contains(name);
    const bool is_asked_for = is_chosen || !chosen || changing.contains(name);
    if (name.starts_with("at ") || !is_asked_for || (is_a_usual_start(value) && !is_chosen)) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "initially " : ", ", name, value);
  }
  std::string result;
  if (!text.empty())
    for (const std::string& line : wrap(text, width, 2)) result += line + "\n";
  return result;
}

Cell happening(const result::TraceStep& step, FunctionHeadings& headings) {
  const std::string function = headings.entered(step);
  const bool is_named = function.empty() || step.text.starts_with(function);
  Cell cell{(is_named ? "" : with_parentheses(function) + ": ") + what_happens(step)};
  if (!step.choices.empty()) cell.front() += " [" + listed(step.choices) + "]";
  for (std::string& line : failures(step)) cell.push_back(std::move(line));
  return cell;
}

std::vector<Cell> row_of(std::size_t number, const result::TraceStep& step, FunctionHeadings& headings) {
  Cell locks, changed;
  for (const auto& lock : step.locks) locks.push_back(describe(lock));
  for (const auto& [name, value] : step.changed) changed.push_back(name + " = " + value);
  return {{std::to_string(number)},
          {step.thread},
          {step.cpu ? std::to_string(*step.cpu) : ""},
          happening(step, headings),
          {step.status},
          locks,
          changed};
}

std::string last_line(const result::Trace& trace) {
  if (trace.shape == result::TraceShape::path || !trace.loop) return {};
  return fmt::format("and from here again from step {}, for ever\n", *trace.loop + 1);
}

} // namespace

std::string render_table(const result::Trace& trace, std::size_t width,
                         const std::optional<std::set<std::string>>& chosen) {
  const std::string start = initial_lines(trace, width, chosen);
  if (trace.steps.empty()) return start + "(no step: the initial state itself)\n";
  Table table{
      {{"step"}, {"thread"}, {"CPU"}, {"what happens", 32}, {"status", 12}, {"locks", 12}, {"changed", 18}},
      {}};
  FunctionHeadings headings;
  for (std::size_t i = 0; i < trace.steps.size(); ++i)
    table.rows.push_back(row_of(i + 1, trace.steps[i], headings));
  return start + (start.empty() ? "" : "\n") + render(table, width) + last_line(trace);
}

} // namespace tdxcheck::report
