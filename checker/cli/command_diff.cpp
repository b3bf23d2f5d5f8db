// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/write_diff.h"
#include "report/write_text.h"
#include "result/trace_json.h"
#include "run/run_diff.h"
#include "support/atomic_file.h"

#include <fmt/format.h>

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  run::DiffRequest request;
  run::Request settings; // --set, --without, --fair
  std::string now, as = "text", trace;
  bool strict = false, no_runs = false, quiet = false;
  BudgetOption budget;
  JsonOption json;
  ColorOption color;
};

ExitCode exit_code(const result::Diff& diff, bool strict) {
  if (diff.is_regression() || (strict && diff.is_different())) return ExitCode::violated;
  if (interrupt_requested() && diff.is_unknown()) return ExitCode::interrupted;
  return diff.is_unknown() ? ExitCode::unknown : ExitCode::good;
}

bool told_model_error(const result::Diff& diff) {
  for (const result::DiffSide* side : {&diff.base, &diff.now}) {
    if (!side->model_error) continue;
    complain(fmt::format("{}: {}", side->target, report::write_text(*side->model_error, output_width())));
    return true;
  }
  return false;
}

void write(const Options& options, const result::Diff& diff, bool color) {
  if (!options.json.to_standard_output())
    print(options.as == "markdown" ? report::write_diff_markdown(diff)
                                   : report::write_diff_text(diff, {output_width(), color, options.quiet}));
  if (!options.json.path.empty()) options.json.write(result::text_of(report::diff_to_json(diff)));
  if (options.trace.empty()) return;
  if (diff.runs.run) support::write_atomically(options.trace, result::text_of(to_json(*diff.runs.run)));
  else remark(fmt::format("tdxcheck: there is no run to tell; {} is not written\n", options.trace));
}

ExitCode diff(const Options& options) {
  require_one_of("format", options.as, {"text", "markdown"});
  const bool color = options.color.allowed();
  run::DiffRequest request = options.request;
  if (!options.now.empty()) request.now = options.now;
  request.set = options.settings.set;
  request.without = options.settings.without;
  request.fair = options.settings.fair;
  request.runs = !options.no_runs;
  run::CheckOptions budgeted;
  options.budget.put(budgeted);
  options.json.refuse_unwritable();
  if (!options.trace.empty()) refuse_unwritable_file(options.trace);
  const result::Diff result =
      search_live(budgeted, options.quiet, [&](const auto& check) { return run::run_diff(request, check); });
  if (told_model_error(result)) return ExitCode::bad_input;
  write(options, result, color);
  return exit_code(result, options.strict);
}

} // namespace

void add_diff(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("diff", "What a second variant changes: verdicts, bounds, runs");
  command->add_option("BASE", options->request.base, "A target, as of `check`")->required();
  command->add_option("NEW", options->now, "Another one; without it, BASE as --set and --without change it");
  add_settings(*command, options->settings);
  add_fairness(*command, options->settings);
  command->add_flag("--strict", options->strict, "Exit code 1 for any difference, not only for a regression");
  command->add_flag("--no-runs", options->no_runs, "Do not compare sequences of calls and answers");
  options->budget.add(*command);
  command->add_option("--as", options->as, "text or markdown")->type_name("FORMAT");
  options->json.add(*command, "the differences");
  command
      ->add_option("--trace", options->trace, "Write the run of NEW whose calls and answers BASE cannot have")
      ->type_name("FILE")
      ->check(not_empty());
  command->add_flag("--quiet", options->quiet, "No live line, no run");
  options->color.add(*command);
  command->footer(
      "A regression is a claim that held and does not any more (violated, or no longer made), a violation "
      "that\n"
      "BASE does not have, a bound of a loop that grew or is gone, or a new cycle in the lock order. --time "
      "and\n"
      "--memory are for all of it together; --set and --without change NEW.\n"
      "Exit code: 0 no regression, 1 a regression (--strict: any difference), 2 bad input, 3 unknown,\n"
      "130 interrupted\n\n"
      "Examples:\n"
      "  tdxcheck diff hkid_release@v19 hkid_release@landed\n"
      "  tdxcheck diff hkid_release@landed --without flush_vcpus\n"
      "  tdxcheck diff sept_zap --set retries=2 --time 45s --as markdown\n"
      "  tdxcheck diff hkid_release@landed my_patch.cpp --strict --json -");
  command->callback([options, &chosen] { chosen = [options] { return diff(*options); }; });
}

} // namespace tdxcheck::cli
