// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/write_sweep.h"
#include "result/trace_json.h"
#include "run/run_sweep.h"
#include "run/simplify_sweep.h"
#include "support/error.h"

#include <memory>
#include <optional>

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  run::CheckOptions check;
  BudgetOption budget;
  std::string as = "text";
  bool quiet = false;
  bool simplify = false;
  JsonOption json;
};

struct Swept {
  run::Sweep sweep;
  std::optional<result::SimplifiedSweep> simplified;
};

std::string written(const Options& options, const report::SweepTable& table) {
  if (options.as == "markdown") return report::write_sweep_markdown(table);
  if (options.as == "csv") return report::write_sweep_csv(table);
  return report::write_sweep_text(table, output_width());
}

ExitCode worst(const run::Sweep& sweep) {
  ExitCode code = ExitCode::good;
  for (const auto& cell : sweep.cells) {
    if (cell.verdict == result::Verdict::violated) return ExitCode::violated;
    if (cell.verdict == result::Verdict::unknown) code = ExitCode::unknown;
  }
  return code;
}

ExitCode sweep(const Options& options) {
  require_one_of("format", options.as, {"text", "markdown", "csv"});
  if (options.simplify && options.as == "csv" && options.json.path.empty())
    throw support::InputError(
        "--simplify: CSV has no place for a formula; expected --as text, --as markdown or --json");
  run::CheckOptions budgeted = options.check;
  options.budget.put(budgeted);
  options.json.refuse_unwritable();
  const Swept found = search_live(budgeted, options.quiet, [&](const auto& check) {
    Swept answer{run::run_sweep(options.request, check, [](std::size_t, std::size_t) {}), {}};
    if (options.simplify) answer.simplified = run::simplify(answer.sweep, options.request, check);
    return answer;
  });

  const run::Sweep& swept = found.sweep;
  report::SweepTable table{swept.target, {}, {}, swept.computed, swept.reproduce};
  if (found.simplified) {
    table.simplified = &*found.simplified;
    table.reproduce += " --simplify";
  }
  for (const auto& parameter : swept.swept) table.parameters.push_back(parameter.name);
  for (std::size_t i = 0; i < swept.cells.size(); ++i)
    table.rows.push_back({swept.values_of(i), &swept.cells[i]});
  if (!options.json.to_standard_output()) print(written(options, table));
  if (!options.json.path.empty()) options.json.write(result::text_of(report::write_sweep_json(table)));
  return interrupt_requested() ? ExitCode::interrupted : worst(swept);
}

} // namespace

void add_sweep(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("sweep", "A matrix of verdicts over values of parameters");
  add_target(*command, options->request);
  command->add_option("--property", options->check.search.properties, "Judge this property only (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  options->budget.add(*command);
  command->add_flag(
      "--simplify", options->simplify,
      "State where each claim is violated as the shortest formula over the swept parameters, and "
      "explore its corners once more, as written");
  command->add_option("--as", options->as, "text, markdown or csv")->type_name("FORMAT");
  command->add_option("--workers", options->check.workers, "Cells checked at a time (default: all cores)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  command->add_flag("--quiet", options->quiet, "No live line");
  options->json.add(*command, "the matrix");
  command->footer(
      "--set takes several values here: NAME=V1,V2 or NAME=LOW..HIGH. Budgets are for each cell.\n"
      "Cells in which a parameter makes no difference to the model are checked once.\n"
      "Exit code: 0 everything holds everywhere, 1 something is violated, 3 a cell was not finished\n\n"
      "Examples:\n"
      "  tdxcheck sweep hkid_release@v19 --set retry=none,vpflushdone_only,everything\n"
      "  tdxcheck sweep hkid_release --set vcpus=1..3 --property no_deadlock --as markdown\n"
      "  tdxcheck sweep sept_zap --set retries=0..16,unlimited --set kick=none,each --simplify");
  command->callback([options, &chosen] { chosen = [options] { return sweep(*options); }; });
}

} // namespace tdxcheck::cli
