// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/complete.h"

#include "run/target.h"
#include "run/valuation.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>

namespace tdxcheck::cli {
namespace {

namespace fs = std::filesystem;
using Candidates = std::vector<Candidate>;

// A line of the command, understood as far as it goes.
struct Line {
  const CommandWords& command;
  std::vector<std::string> positionals;  // those that are complete
  const OptionWords* value_of = nullptr; // the last word is its value
  std::string before;                    // "--set=", where the last word begins with that
  std::string typed;                     // the last word, without that
};

const OptionWords* option_named(const CommandWords& command, const std::string& name) {
  for (const OptionWords& option : command.options)
    if (std::ranges::count(option.names, name) > 0) return &option;
  return nullptr;
}

Line understood(const CommandWords& command, const std::vector<std::string>& words) {
  Line line{command, {}, nullptr, {}, words.back()};
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const OptionWords* option = option_named(command, words[i]);
    if (option == nullptr && !words[i].starts_with('-')) line.positionals.push_back(words[i]);
    if (option == nullptr || option->value.empty()) continue;
    if (i + 2 == words.size()) line.value_of = option;
    else ++i;
  }
  const auto equals = line.typed.find('=');
  if (line.value_of == nullptr && line.typed.starts_with("--") && equals != std::string::npos) {
    line.value_of = option_named(command, line.typed.substr(0, equals));
    line.before = line.typed.substr(0, equals + 1);
    line.typed = line.typed.substr(equals + 1);
  }
  return line;
}

// The model that the line is about; the last target, as NEW of `diff`. No file is compiled for this.
std::optional<run::Target> target_of(const Line& line) {
  for (auto name = line.positionals.rbegin(); name != line.positionals.rend(); ++name) {
    if (name->find(".cpp") != std::string::npos) continue;
    try {
      return run::resolve({*name});
    } catch (const std::exception&) {
      continue;
    }
  }
  return {};
}

// Protocols; after a name that is complete, its variants, too; and files that may be targets.
Candidates targets(const std::string& typed) {
  Candidates all;
  const std::string name = typed.substr(0, typed.find('@'));
  for (const auto& [known, summary] : run::built_in_names()) {
    all.push_back({known, summary});
    if (known != name) continue;
    for (const auto& variant : run::resolve({known}).model.variants)
      all.push_back({known + "@" + variant.name, variant.source});
  }
  std::error_code error;
  const fs::path folder = fs::path(typed).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    const fs::path path = folder / entry.path().filename();
    const bool hidden = path.filename().string().starts_with('.');
    if (entry.is_directory(error) && !hidden) all.push_back({path.string() + "/", {}});
    if (path.extension() == ".json" || path.extension() == ".cpp") all.push_back({path.string(), {}});
  }
  return all;
}

// NAME=, then NAME=VALUE; of a list of values the last one.
Candidates settings(const Line& line, const run::Target& target) {
  Candidates all;
  const auto list = run::values_of_parameters(target.model);
  const auto equals = line.typed.find('=');
  if (equals == std::string::npos) {
    for (const auto& parameter : list) all.push_back({parameter.name + "=", parameter.doc});
    return all;
  }
  const std::string kept = line.typed.substr(0, std::max(line.typed.rfind(',') + 1, equals + 1));
  for (const auto& parameter : list)
    if (parameter.name == line.typed.substr(0, equals))
      for (const std::string& value : parameter.values) all.push_back({kept + value, {}});
  return all;
}

Candidates choices(const std::vector<std::string>& words) {
  Candidates all;
  for (const std::string& word : words) all.push_back({word, {}});
  return all;
}

template <class Rows>
Candidates named(const Rows& rows) {
  Candidates all;
  for (const auto& row : rows)
    if (std::ranges::find(all, row.name, &Candidate::word) == all.end()) all.push_back({row.name, {}});
  return all;
}

Candidates values(const Line& line) {
  const OptionWords& option = *line.value_of;
  if (!option.choices.empty()) return choices(option.choices);
  const auto target = target_of(line);
  if (!target) return {};
  if (option.value == "NAME=VALUE") return settings(line, *target);
  if (option.value == "GUARD") return named(target->model.guards);
  if (option.value == "LOOP") return named(target->model.loops);
  if (option.names.back() == "--property") return named(target->model.properties);
  return {};
}

Candidates positional(const Line& line) {
  const auto& wanted = line.command.positionals;
  if (wanted.empty()) return {};
  const PositionalWords& here = wanted[std::min(line.positionals.size(), wanted.size() - 1)];
  if (line.positionals.size() >= wanted.size() && !here.repeatable) return {};
  if (!here.choices.empty()) return choices(here.choices);
  if (here.name == "PROTOCOL") {
    Candidates all;
    for (const auto& [name, summary] : run::built_in_names()) all.push_back({name, summary});
    return all;
  }
  const bool is_target = here.name == "TARGET" || here.name == "BASE" || here.name == "NEW";
  return is_target ? targets(line.typed) : Candidates();
}

Candidates options(const std::vector<OptionWords>& all, const std::vector<std::string>& words) {
  Candidates left;
  for (const OptionWords& option : all) {
    const std::string& name = option.names.back();
    if (option.repeatable || std::find(words.begin(), words.end() - 1, name) == words.end() - 1)
      left.push_back({name, option.description});
  }
  return left;
}

Candidates everything(const ProgramWords& program, const std::vector<std::string>& words,
                      std::string& before) {
  if (words.size() < 2) {
    if (!words.empty() && words.back().starts_with('-')) return options(program.options, words);
    Candidates all;
    for (const CommandWords& command : program.commands) all.push_back({command.name, command.description});
    return all;
  }
  const auto command = std::ranges::find(program.commands, words.front(), &CommandWords::name);
  if (command == program.commands.end()) return {};
  const Line line = understood(*command, words);
  before = line.before;
  if (line.value_of != nullptr) return values(line);
  return line.typed.starts_with('-') ? options(command->options, words) : positional(line);
}

} // namespace

std::vector<Candidate> complete(const ProgramWords& program, const std::vector<std::string>& words) {
  Candidates fitting;
  try {
    std::string before;
    for (Candidate& candidate : everything(program, words, before)) {
      candidate.word = before + candidate.word;
      if (words.empty() || candidate.word.starts_with(words.back())) fitting.push_back(std::move(candidate));
    }
  } catch (const std::exception&) {
    return {};
  }
  return fitting;
}

} // namespace tdxcheck::cli
