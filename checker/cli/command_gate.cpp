// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/gate_reports.h"
#include "cli/interrupt.h"
#include "cli/live_line.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/quantities.h"
#include "report/write_gate.h"
#include "run/reproduce.h"
#include "run/run_gate.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::vector<std::string> files, only;
  run::GateOptions gate;
  BudgetOption budget;
  GateReports reports;
  bool all = false, quiet = false;
  ColorOption color;
};

std::string reproduce_line(const Options& options) {
  std::string line = "tdxcheck gate";
  for (const std::string& file : options.files) line += " " + run::shell_quoted(file);
  for (const std::string& pattern : options.only) line += " --only " + run::shell_quoted(pattern);
  if (!options.budget.time.empty()) line += " --time " + run::shell_quoted(options.budget.time);
  if (!options.budget.memory.empty()) line += " --memory " + run::shell_quoted(options.budget.memory);
  return line;
}

// From the worst to the best. What is not judged at all is worse than a verdict, and an interrupted gate says
// so, whatever it has seen: its silence about the rest means nothing.
ExitCode exit_code(const result::GateResult& gate) {
  using result::Outcome;
  if (gate.count(Outcome::our_own_bug) > 0) return ExitCode::internal_error;
  if (gate.count(Outcome::bad_input) > 0) return ExitCode::bad_input;
  if (gate.interrupted && gate.count(Outcome::unknown) > 0) return ExitCode::interrupted;
  if (gate.count(Outcome::broken) + gate.count(Outcome::fixed) > 0) return ExitCode::violated;
  return gate.worst() == Outcome::met ? ExitCode::good : ExitCode::unknown;
}

std::string live_text(const run::GateProgress& progress) {
  std::string text = fmt::format("{} of {} checks, {} states, {}:", progress.done, progress.of,
                                 report::grouped(progress.states), report::as_duration(progress.seconds));
  for (const std::string& name : progress.running) text += " " + name;
  return text;
}

result::GateResult judge(const Options& options, const std::vector<run::PlannedCheck>& planned, bool color) {
  LiveLine live(!options.quiet);
  run::GateOptions gate = options.gate;
  options.budget.put(gate.check);
  gate.progress = [&](const run::GateProgress& progress) { live.show(live_text(progress)); };
  gate.finished = [&](const result::GateCheck& check) {
    live.clear();
    if (options.reports.takes_standard_output()) return;
    if (options.quiet && check.outcome == result::Outcome::met) return;
    print(report::gate_line(check, color));
    (void)std::fflush(stdout); // whoever reads a log reads it now
  };
  stop_gently_on_interrupt();
  return run::run_gate(planned, gate);
}

ExitCode gate(const Options& options) {
  const bool color = options.color.allowed();
  options.reports.prepare(options.files);
  const auto planned = run::matching(run::read_gates(options.files), options.only);
  result::GateResult result = judge(options, planned, color);
  result.reproduce = reproduce_line(options);

  if (!result.cache_trouble.empty())
    remark(fmt::format("tdxcheck: results are not kept: {}\n", result.cache_trouble));
  const ExitCode code = exit_code(result);
  if (!options.reports.takes_standard_output())
    print(report::write_gate(result, {color, options.all, options.quiet, output_width()}));
  if (options.reports.write(result, code) || code == ExitCode::internal_error) return code;
  return ExitCode::bad_input;
}

void add_gate_options(CLI::App& command, Options& options) {
  command.add_option("FILE|DIR", options.files, "Gate or variant files; of a directory, all its *.json")
      ->required();
  command
      .add_option("--only", options.only, "Only checks with such a name, * and ? as in a shell (repeatable)")
      ->type_name("PATTERN")
      ->allow_extra_args(false)
      ->check(not_empty());
  options.budget.add(command);
  command.add_option("--workers", options.gate.check.workers, "Checks side by side (default: all cores)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  command.add_option("--cache", options.gate.cache, "Keep results there, and take what has not changed")
      ->type_name("DIR")
      ->check(not_empty());
  options.reports.add_options(command);
  command.add_flag("--all", options.all, "Show the run of every broken expectation, not of the first few");
  command.add_flag("--quiet", options.quiet, "No live line, nothing about what is met, no runs");
  options.color.add(command);
}

} // namespace

void add_gate(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("gate", "Judge expectations: for a patch series, in CI");
  add_gate_options(*command, *options);
  command->footer(
      "Budgets are for each check by itself: its own, else the file's; --time and --memory replace them "
      "all.\n"
      "Exit code, the first that applies: 70 a bug of ours, 2 bad input or a report that was not written,\n"
      "130 interrupted, 1 something is not as expected (unexpectedly fixed included), 3 not decided, 0 all "
      "met\n\n"
      "Examples:\n"
      "  tdxcheck gate examples/gate\n"
      "  tdxcheck gate examples/gate --only 'sept_zap@*' --time 45s\n"
      "  tdxcheck gate my_patch.json --cache ~/.cache/tdxcheck --junit junit.xml --artifacts failures\n"
      "  tdxcheck gate examples/gate --ktap -");
  command->callback([options, &chosen] { chosen = [options] { return gate(*options); }; });
}

} // namespace tdxcheck::cli
