// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/reproduce.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tdxcheck::run {
namespace {

bool needs_no_quotes(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./=:@%+,").find(c) != std::string_view::npos;
}

std::string as_size(std::uint64_t bytes) {
  const char* unit = "";
  for (const char* larger : {"K", "M", "G"}) {
    if (bytes == 0 || bytes % 1024 != 0) break;
    bytes /= 1024;
    unit = larger;
  }
  return fmt::format("{}{}", bytes, unit);
}

class Command {
public:
  explicit Command(const std::string& name) : line_("tdxcheck " + name) {}

  void word(const std::string& text) { line_ += " " + shell_quoted(text); }
  void option(const char* name, const std::string& value) {
    word(name);
    word(value);
  }
  void flag(const char* name, bool given) {
    if (given) word(name);
  }
  void target(const Target& target, const Request& request);
  void settings(const Request& request);
  [[nodiscard]] const std::string& line() const { return line_; }

private:
  std::string line_;
};

void Command::target(const Target& target, const Request& request) {
  word(target.name);
  settings(request);
}

void Command::settings(const Request& request) {
  // Only the last value that a parameter was given counts.
  std::map<std::string, std::string> set;
  for (const std::string& setting : request.set) set[setting.substr(0, setting.find('='))] = setting;
  for (const auto& [name, setting] : set) option("--set", setting);
  for (const std::string& guard : request.without) option("--without", guard);
  for (const std::string& how : request.fair) option("--fair", how);
}

} // namespace

std::string shell_quoted(const std::string& word) {
  if (!word.empty() && std::ranges::all_of(word, needs_no_quotes)) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') quoted += "'\\''";
    else quoted += c;
  }
  return quoted + "'";
}

std::string reproduce_line(const Target& target, const Request& request, const CheckOptions& options) {
  Command command("check");
  command.target(target, request);
  for (const std::string& property : options.search.properties) command.option("--property", property);
  command.flag("--first", options.search.first);
  if (options.search.seconds) command.option("--time", fmt::format("{}s", *options.search.seconds));
  if (options.search.memory_bytes) command.option("--memory", as_size(*options.search.memory_bytes));
  if (options.engine == Engine::reference) command.option("--engine", "reference");
  if (options.engine == Engine::bmc) {
    command.option("--engine", "bmc");
    command.option("--depth", std::to_string(options.depth));
  }
  command.flag("--no-symmetry", !options.symmetry);
  command.flag("--no-partial-order", !options.partial_order);
  command.flag("--as-written", options.as_written);
  command.flag("--vacuity", options.vacuous_wording);
  return command.line();
}

std::string reproduce_line(const std::string& command, const Target& target, const Request& request,
                           const std::vector<std::string>& words) {
  Command line(command);
  line.target(target, request);
  for (const std::string& word : words) line.word(word);
  return line.line();
}

std::string reproduce_line(const std::string& command, const Request& request) {
  Command line(command);
  line.settings(request);
  return line.line();
}

} // namespace tdxcheck::run
