// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The program's commands and options as data, read off the parser that --help is written from: what the
// manual page, the completions and their tests share, so that none of them can say anything else.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace tdxcheck::cli {

struct OptionWords {
  std::vector<std::string> names; // "--set"; the long ones last
  std::string value;              // "NAME=VALUE"; empty for a flag
  std::string description;
  bool repeatable = false;
  std::vector<std::string> choices; // words that it takes, where the description lists them
};

struct PositionalWords {
  std::string name; // "TARGET"
  std::string description;
  bool required = false, repeatable = false;
  std::vector<std::string> choices;
};

struct CommandWords {
  std::string name, description, footer;
  std::vector<PositionalWords> positionals;
  std::vector<OptionWords> options;
};

struct ProgramWords {
  std::string description, footer;
  std::vector<OptionWords> options;
  std::vector<CommandWords> commands; // without hidden ones
};

[[nodiscard]] ProgramWords words_of(const CLI::App& program);

// The words in "Colours in the report: auto, always, never" or "text, markdown or csv"; none in what is no
// list of small words.
[[nodiscard]] std::vector<std::string> choices_in(const std::string& description);

} // namespace tdxcheck::cli
