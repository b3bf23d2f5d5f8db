// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_ktap.h"

#include "report/columns.h"
#include "report/gate_files.h"
#include "report/render_race.h"
#include "report/write_gate.h"

#include <fmt/format.h>

#include <string_view>

namespace tdxcheck::report {
namespace {

using result::Expectation;
using result::GateCheck;
using result::Outcome;

constexpr std::string_view indent = "  ";

// A description ends at a '#', where a directive begins, and at the end of the line.
std::string description(const std::string& text) {
  std::string plain;
  for (const char c : to_ascii(text)) plain += c == '#' || c == '\n' ? '.' : c;
  return plain;
}

// Directives are for the reader: to every parser `not ok` is what counts.
std::string_view directive(const GateCheck& check, const Expectation& expectation) {
  if (!check.error.empty()) return " # ERROR";
  if (expectation.outcome() != Outcome::unknown) return "";
  return check.result.incomplete_because.find("time") != std::string::npos ? " # TIMEOUT" : " # ERROR";
}

void add_diagnostics(std::string& text, const std::string& lines) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string line = without_trailing_spaces(to_ascii(lines.substr(at, end - at)));
    text += fmt::format("{}#{}{}\n", indent, line.empty() ? "" : " ", line);
    at = end + 1;
  }
}

void add_expectation(std::string& text, const GateCheck& check, const Expectation& expectation,
                     std::size_t number) {
  const bool met = check.error.empty() && expectation.outcome() == Outcome::met;
  if (!met) {
    add_diagnostics(text, fmt::format("{}:{}\n", check.file, expectation.line));
    add_diagnostics(text, check.error.empty() ? describe_unmet(check, expectation) : check.error);
    const auto* property = check.property(expectation.property);
    if (expectation.outcome() == Outcome::broken && property != nullptr && property->trace)
      add_diagnostics(text, render_race(*property->trace));
    add_diagnostics(text, "reproduce: " + check.reproduce);
  }
  text += fmt::format(
      "{}{} {} - {}{}\n", indent, met ? "ok" : "not ok", number,
      description(fmt::format("{}: {} {}", check.name, expectation.property, name_of(expectation.expected))),
      met ? "" : directive(check, expectation));
}

} // namespace

std::string write_ktap(const result::GateResult& gate) {
  const auto files = by_file(gate);
  std::string text = fmt::format("KTAP version 1\n1..{}\n", files.size());
  std::size_t file_number = 0;
  for (const ChecksOfFile& file : files) {
    std::size_t expectations = 0, number = 0;
    for (const GateCheck* check : file.checks) expectations += check->expectations.size();
    const std::string name = description(file.file);
    text += fmt::format("{0}KTAP version 1\n{0}# Subtest: {1}\n{0}1..{2}\n", indent, name, expectations);
    for (const GateCheck* check : file.checks)
      for (const Expectation& expectation : check->expectations)
        add_expectation(text, *check, expectation, ++number);
    text += fmt::format("{} {} - {}\n", file.met() ? "ok" : "not ok", ++file_number, name);
  }
  return text;
}

} // namespace tdxcheck::report
