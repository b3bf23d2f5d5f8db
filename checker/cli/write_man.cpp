// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/write_man.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

namespace tdxcheck::cli {
namespace {

// roff reads a backslash anywhere, a dot or a quote at the start of a line, and - as a hyphen.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') safe += "\\e";
    else if (c == '-') safe += "\\-";
    else safe += c;
  }
  return safe.starts_with('.') || safe.starts_with('\'') ? "\\&" + safe : safe;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

// A paragraph per empty line; what is indented stays as it is, for it is a command or its output.
std::string lines_of(const std::string& text) {
  std::istringstream lines(text);
  std::string roff;
  bool literal = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_literal = line.starts_with("  ");
    if (is_literal != literal) roff += is_literal ? ".PP\n.nf\n.RS\n" : ".RE\n.fi\n.PP\n";
    literal = is_literal;
    if (line.empty()) roff += ".PP\n";
    else roff += escaped(literal ? line.substr(2) : line) + "\n";
  }
  return literal ? roff + ".RE\n.fi\n" : roff;
}

std::string entry(const OptionWords& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  const std::string value = option.value.empty() ? "" : " " + italic(option.value);
  return fmt::format(".TP\n{}{}\n{}\n", fmt::join(names, ", "), value, escaped(option.description));
}

std::string shown(const PositionalWords& positional) {
  std::string name = italic(positional.name);
  if (positional.repeatable) name += "...";
  return positional.required ? name : "[" + name + "]";
}

std::string section_of(const CommandWords& command) {
  std::string roff = fmt::format(".SS \"tdxcheck {}\"\n{}\n.PP\n{} {}", escaped(command.name),
                                 escaped(command.description), bold("tdxcheck"), bold(command.name));
  if (!command.options.empty()) roff += " [" + italic("OPTION") + "...]";
  for (const PositionalWords& positional : command.positionals) roff += " " + shown(positional);
  roff += "\n";
  for (const PositionalWords& positional : command.positionals)
    roff += fmt::format(".TP\n{}\n{}\n", italic(positional.name), escaped(positional.description));
  for (const OptionWords& option : command.options)
    if (option.names.back() != "--help") roff += entry(option);
  return roff + ".PP\n" + lines_of(command.footer);
}

constexpr const char* what_it_is = R"(.SH DESCRIPTION
tdxcheck explores every interleaving of a protocol between Linux KVM and the Intel TDX module that is written
down step by step, and judges every claim that the protocol makes. A verdict is holds, violated or unknown;
it holds only if the search was complete. Every violation is confirmed by other code before it is shown, and
every report ends with the command that gives it again.
.PP
A \fITARGET\fR is \fIPROTOCOL\fR or \fIPROTOCOL\fR@\fIVARIANT\fR (built in; \fBtdxcheck list\fR names them), a
variant file or a model \fIFILE.json\fR, or \fIFILE.cpp\fR, a protocol that is compiled on the spot against
the headers installed with the program.
)";

constexpr const char* the_rest = R"(.SH EXIT STATUS
.TP
.B 0
every property holds, every expectation is met, the trace is valid, all asked is proved
.TP
.B 1
a property is violated, an expectation is not met, the trace is not valid, there is no bound
.TP
.B 2
bad input: usage, an unknown name, a malformed file, an ill\-formed model
.TP
.B 3
unknown: a budget ran out first
.TP
.B 70
an internal error, an audit that failed included
.TP
.B 130
interrupted
.SH ENVIRONMENT
.TP
.B CXX
the C++ compiler for targets that are \fIFILE.cpp\fR (default: c++, then g++)
.TP
.B NO_COLOR
if set, reports have no colours unless \fB\-\-color always\fR asks for them
)";

} // namespace

std::string manual_page(const ProgramWords& program, const std::string& version) {
  std::string roff =
      fmt::format(".TH TDXCHECK 1 \"\" \"tdxcheck {}\" \"User Commands\"\n.SH NAME\ntdxcheck \\- "
                  "{}\n.SH SYNOPSIS\n{} {} [{}...] [{}...]\n",
                  escaped(version), escaped(program.description), bold("tdxcheck"), italic("COMMAND"),
                  italic("OPTION"), italic("ARGUMENT"));
  roff += what_it_is;
  roff += ".SH OPTIONS\n";
  for (const OptionWords& option : program.options) roff += entry(option);
  roff += ".PP\nEvery command has \\fB\\-\\-help\\fR, with examples.\n.SH COMMANDS\n";
  for (const CommandWords& command : program.commands) roff += section_of(command);
  return roff + the_rest;
}

} // namespace tdxcheck::cli
