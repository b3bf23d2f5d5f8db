// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/standard_streams.h"
#include "support/error.h"
#include "support/near_miss.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tdxcheck::cli {
namespace {

using support::InputError;

void build(CLI::App& program, Command& chosen) {
  program.set_version_flag("--version", "tdxcheck " TDXCHECK_VERSION);
  program.footer("Examples:\n"
                 "  tdxcheck list\n"
                 "  tdxcheck check hkid_release@v19\n"
                 "  tdxcheck COMMAND --help\n\n"
                 "Exit code: 0 all holds, 1 violated, 2 bad input, 3 a budget ran out, 70 a bug of ours, "
                 "130 interrupted");
  add_list(program, chosen);
  add_show(program, chosen);
  add_check(program, chosen);
  add_sweep(program, chosen);
  add_diff(program, chosen);
  add_verdicts(program, chosen);
  add_bound(program, chosen);
  add_conflicts(program, chosen);
  add_prove(program, chosen);
  add_graph(program, chosen);
  add_replay(program, chosen);
  add_render(program, chosen);
  add_gate(program, chosen);
  add_export(program, chosen);
  add_explore(program, chosen);
  add_completions(program, chosen);
  add_complete(program, chosen);
  add_man(program, chosen);
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
}

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// CLI11 would take an unknown command for a stray argument.
void refuse_unknown_command(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2) throw InputError("a command is missing; `tdxcheck --help` lists them");
  const std::string word = argv[1];
  if (word == "-h" || word == "--help" || word == "--version") return;
  if (word.starts_with('-')) throw InputError(support::did_you_mean("option", word, option_names(program)));
  const std::vector<std::string> known = command_names(program);
  if (std::ranges::find(known, word) == known.end())
    throw InputError(support::did_you_mean("command", word, known));
}

const CLI::App& command_in_use(const CLI::App& program) {
  const auto used = program.get_subcommands();
  return used.empty() ? program : *used.front();
}

[[noreturn]] void refuse_extras(const CLI::App& program) {
  const CLI::App& command = command_in_use(program);
  const std::vector<std::string> extra = command.remaining(true);
  const std::string word = extra.empty() ? "" : extra.front().substr(0, extra.front().find('='));
  if (word.starts_with('-')) throw InputError(support::did_you_mean("option", word, option_names(command)));
  throw InputError(fmt::format("`{}` is one argument too many for `{}`", word, command.get_name()));
}

} // namespace

Command parse(int argc, const char* const* argv) {
  Command chosen;
  CLI::App program("Exhaustive model checker for the locks and retries between KVM and the TDX module",
                   "tdxcheck");
  build(program, chosen);
  refuse_unknown_command(program, argc, argv);
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(program.help());
    return {};
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return {};
  } catch (const CLI::ExtrasError&) {
    refuse_extras(program);
  } catch (const CLI::ParseError& error) {
    const std::string command = command_in_use(program).get_name();
    throw InputError(fmt::format("{}; `tdxcheck {}--help` explains", error.what(),
                                 command == "tdxcheck" ? "" : command + " "));
  }
  return chosen;
}

} // namespace tdxcheck::cli
