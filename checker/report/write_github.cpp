// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_github.h"

#include "report/quantities.h"
#include "report/render_race.h"
#include "report/source_place.h"
#include "report/write_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tdxcheck::report {
namespace {

using result::Expectation;
using result::GateCheck;
using result::GateResult;
using result::Outcome;

// A summary of more than a mebibyte is refused by GitHub as a whole.
constexpr std::size_t most_summary_bytes = 900'000;

// A workflow command is one line; in the values of its properties, what separates them is escaped as well.
std::string in_command(std::string_view text, bool is_property) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%') escaped += "%25";
    else if (c == '\r') escaped += "%0D";
    else if (c == '\n') escaped += "%0A";
    else if (is_property && c == ':') escaped += "%3A";
    else if (is_property && c == ',') escaped += "%2C";
    else escaped += c;
  }
  return escaped;
}

std::string annotation(const SourcePlace& place, const std::string& title, const std::string& message) {
  return fmt::format("::error file={},line={},title={}::{}\n", in_command(place.file, true), place.line,
                     in_command(title, true), in_command(message, false));
}

// In a table a bar would end the cell.
std::string in_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += "\\|";
    else if (c == '\n') cell += "<br>";
    else if (c == '<') cell += "&lt;";
    else cell += c;
  }
  return cell;
}

std::string row(const GateCheck& check) {
  std::string what;
  for (const Expectation& e : check.expectations) {
    if (check.error.empty() && e.outcome() == Outcome::met) continue;
    what +=
        (what.empty() ? "" : "<br>") + in_cell(check.error.empty() ? describe_unmet(check, e) : check.error);
    if (!check.error.empty()) break;
  }
  return fmt::format("| {} | `{}` | {} | {} | {} |\n",
                     check.outcome == Outcome::met ? "met" : fmt::format("**{}**", name_of(check.outcome)),
                     in_cell(check.name), what, grouped(check.result.states),
                     check.cached ? "kept" : as_duration(check.seconds));
}

std::string runs_of(const GateCheck& check) {
  std::string text;
  for (const Expectation& e : check.expectations) {
    const auto* property = check.property(e.property);
    if (!check.error.empty() || e.outcome() != Outcome::broken || property == nullptr) continue;
    text += fmt::format("\n### `{}`: `{}`\n\n{}\n", check.name, e.property, property->detail);
    for (const std::string& line : property->evidence) text += "* " + line + "\n";
    if (property->trace) text += fmt::format("\n```\n{}```\n", render_race(*property->trace));
  }
  if (check.outcome != Outcome::met) text += fmt::format("\nReproduce: `{}`\n", check.reproduce);
  return text;
}

} // namespace

std::string write_github_annotations(const GateResult& gate) {
  std::string text;
  for (const GateCheck& check : gate.checks) {
    if (!check.error.empty()) {
      text += annotation({check.file, check.line}, check.name, check.error + "\n" + check.reproduce);
      continue;
    }
    for (const Expectation& e : check.expectations)
      if (e.outcome() != Outcome::met)
        text += annotation(place_of(check, e), fmt::format("{}: {}", check.name, name_of(e.outcome())),
                           describe_unmet(check, e) + "\nreproduce: " + check.reproduce);
  }
  return text;
}

std::string write_github_summary(const GateResult& gate) {
  std::string text = fmt::format("## tdxcheck gate: {}\n\n{}\n\n", name_of(gate.worst()), gate_sum(gate));
  text += "| | check | what is not as expected | states | time |\n|---|---|---|--:|--:|\n";
  for (const GateCheck& check : gate.checks) text += row(check);
  for (const GateCheck& check : gate.checks) {
    const std::string runs = runs_of(check);
    if (text.size() + runs.size() > most_summary_bytes) {
      text += "\nFurther runs are left out here.\n";
      break;
    }
    text += runs;
  }
  return text + fmt::format("\nReproduce all of it: `{}`\n", gate.reproduce);
}

} // namespace tdxcheck::report
