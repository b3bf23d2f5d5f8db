// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/program_words.h"

#include <algorithm>
#include <string_view>

namespace tdxcheck::cli {
namespace {

bool is_small_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string without_parentheses(const std::string& text) {
  std::string rest;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    else if (c == ')') --depth;
    else if (depth == 0) rest += c;
  }
  return rest;
}

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// "a, b or c" and "a, or b"; nothing if some part is no small word, or there is but one.
std::vector<std::string> listed(std::string text) {
  for (std::size_t at = text.find(" or "); at != std::string::npos; at = text.find(" or "))
    text.replace(at, 4, ", ");
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string word = trimmed(text.substr(at, comma - at));
    at = comma + 1;
    if (word.empty()) continue;
    if (!is_small_word(word)) return {};
    words.push_back(word);
  }
  return words.size() > 1 ? words : std::vector<std::string>();
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool is_repeatable(const CLI::Option& option) {
  return option.get_items_expected_max() > 1 || option.get_expected_max() > 1;
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords words;
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  words.description = option.get_description();
  if (!takes_value(option)) return words;
  words.value = option.get_type_name();
  words.repeatable = is_repeatable(option);
  words.choices = choices_in(words.description);
  return words;
}

std::vector<OptionWords> options_of(const CLI::App& app) {
  std::vector<OptionWords> all;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_positional()) all.push_back(words_of(*option));
  return all;
}

CommandWords command_words(const CLI::App& command) {
  CommandWords words{command.get_name(), command.get_description(), command.get_footer(), {}, {}};
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional())
      words.positionals.push_back({option->get_name(true), option->get_description(), option->get_required(),
                                   is_repeatable(*option), choices_in(option->get_description())});
  words.options = options_of(command);
  return words;
}

} // namespace

std::vector<std::string> choices_in(const std::string& description) {
  const std::string text = without_parentheses(description.substr(0, description.find(';')));
  const std::size_t colon = text.find(": ");
  if (colon == std::string::npos) return listed(text);
  const auto before = listed(text.substr(0, colon));
  return before.empty() ? listed(text.substr(colon + 2)) : before;
}

ProgramWords words_of(const CLI::App& program) {
  ProgramWords words{program.get_description(), program.get_footer(), options_of(program), {}};
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) words.commands.push_back(command_words(*command));
  return words;
}

} // namespace tdxcheck::cli
