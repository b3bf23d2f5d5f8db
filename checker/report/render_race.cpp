// SPDX-License-Identifier: GPL-2.0-or-later
//
// Columns are as wide as the page allows. Where more CPUs or threads move than have room, those with the
// fewest steps share the last column, each step with its owner's name, and the first line says so: nothing is
// left out. A SEAMCALL that nothing interrupts is one line; its locks are in the table.
#include "report/render_race.h"

#include "report/columns.h"
#include "report/merge_calls.h"
#include "report/step_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tdxcheck::report {
namespace {

// At 25 characters most names of kernel functions stay whole. No two columns have text on the same line, so
// that nothing needs to keep them apart.
constexpr std::size_t most_columns = 3;

class Race {
public:
  explicit Race(const result::Trace& trace) : trace_(trace), moments_(merge_calls(trace)) {
    by_cpu_ = std::ranges::all_of(trace.steps, [](const auto& step) { return step.cpu.has_value(); });
    choose_columns();
    width_ = race_width / heads_.size();
  }

  [[nodiscard]] std::string drawn() {
    std::string result = note_ + heading();
    const bool is_lasso = trace_.shape == result::TraceShape::lasso && trace_.loop;
    for (const Moment& moment : moments_) {
      if (is_lasso && *trace_.loop == moment.first) result += "--- from here ---\n";
      result += drawn(moment.step);
    }
    if (is_lasso) result += "--- and again, for ever ---\n";
    return result + verdict();
  }

private:
  // "CPU 10" after "CPU 9": the owner's place in the order of columns.
  [[nodiscard]] std::string owner(const result::TraceStep& step) const {
    return by_cpu_ ? fmt::format("CPU {}", *step.cpu) : to_ascii(step.thread);
  }

  [[nodiscard]] std::vector<std::string> owners() const {
    std::vector<std::string> all;
    if (by_cpu_) {
      std::set<int> cpus;
      for (const auto& step : trace_.steps) cpus.insert(*step.cpu);
      for (const int cpu : cpus) all.push_back(fmt::format("CPU {}", cpu));
    } else {
      for (const std::string& thread : threads_that_move(trace_)) all.push_back(to_ascii(thread));
    }
    return all;
  }

  void choose_columns() {
    heads_ = owners();
    if (heads_.size() > most_columns) share_the_last();
    for (std::size_t c = 0; c < heads_.size(); ++c)
      if (!column_.contains(heads_[c])) column_[heads_[c]] = c;
  }

  void share_the_last() {
    std::map<std::string, std::size_t> moves;
    for (const Moment& moment : moments_) ++moves[owner(moment.step)];
    std::vector<std::string> busiest = heads_;
    std::ranges::stable_sort(busiest, std::greater{}, [&](const std::string& name) { return moves[name]; });
    const std::set<std::string> own(busiest.begin(), busiest.begin() + most_columns - 1);
    std::vector<std::string> kept;
    for (const std::string& name : heads_) {
      if (own.contains(name)) kept.push_back(name);
      else column_[name] = most_columns - 1;
    }
    const std::string text = fmt::format("{} {} move: those with the fewest steps share the last column.",
                                         heads_.size(), by_cpu_ ? "CPUs" : "threads");
    for (const std::string& line : wrap(text, race_width)) note_ += line + "\n";
    note_ += "\n";
    kept.emplace_back("others");
    heads_ = std::move(kept);
  }

  [[nodiscard]] bool is_shared(std::size_t column) const {
    return !note_.empty() && column + 1 == heads_.size();
  }

  [[nodiscard]] std::string verdict() const {
    if (trace_.property.empty()) return {};
    std::string result = "\n";
    for (const std::string& line : wrap("=> violates " + to_ascii(trace_.property), race_width, 3))
      result += line + "\n";
    return result;
  }

  [[nodiscard]] std::string heading() const {
    std::vector<std::string> rules;
    for (const std::string& head : heads_) rules.emplace_back(std::min(width_ - 1, head.size()), '-');
    return line_of(heads_) + line_of(rules);
  }

  [[nodiscard]] std::string line_of(const std::vector<std::string>& cells) const {
    std::string line;
    for (const std::string& cell : cells) line += padded(cell.substr(0, width_ - 1), width_);
    return without_trailing_spaces(line) + "\n";
  }

  // The texts of a step, indented below the function they belong to.
  std::vector<std::string> texts(const result::TraceStep& step, std::size_t column) {
    std::vector<std::string> lines;
    // Several threads may use a column; who moves is said where it changes.
    const std::string who = is_shared(column) && by_cpu_ ? owner(step) + ", " + step.thread : step.thread;
    if (by_cpu_ || is_shared(column)) {
      if (last_in_column_[column] != who) lines.push_back("[" + who + "]");
      last_in_column_[column] = who;
    }
    const std::string function = headings_.entered(step);
    if (!function.empty() && !step.text.starts_with(function)) lines.push_back(with_parentheses(function));
    const std::string indent = step.function.empty() ? "" : "  ";
    std::string text = what_happens(step);
    if (!step.status.empty() && text.find(step.status) == std::string::npos) text += " -> " + step.status;
    for (const auto& lock : step.locks)
      if (text.find(lock.lock) == std::string::npos) text += ", " + describe(lock);
    lines.push_back(indent + text);
    for (const std::string& failure : failures(step)) lines.push_back(indent + failure);
    return lines;
  }

  std::string drawn(const result::TraceStep& step) {
    const std::size_t column = column_.at(owner(step));
    std::string result;
    for (const std::string& text : texts(step, column)) {
      const std::size_t indent = text.find_first_not_of(' ') + 4;
      for (const std::string& line : wrap(to_ascii(text), width_, std::min(indent, width_ / 4)))
        result += std::string(column * width_, ' ') + line + "\n";
    }
    return result;
  }

  const result::Trace& trace_;
  std::vector<Moment> moments_;
  bool by_cpu_ = false;
  std::size_t width_ = race_width;
  std::string note_;
  std::vector<std::string> heads_;
  std::map<std::string, std::size_t> column_;
  std::map<std::size_t, std::string> last_in_column_;
  FunctionHeadings headings_;
};

} // namespace

std::string render_race(const result::Trace& trace) {
  if (trace.steps.empty()) return "(no step: the initial state itself)\n";
  return Race(trace).drawn();
}

} // namespace tdxcheck::report
