// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/write_verdicts.h"
#include "run/run_verdicts.h"

#include <algorithm>
#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::vector<std::string> targets;
  run::CheckOptions check;
  BudgetOption budget;
  std::string as = "text";
  bool quiet = false;
};

ExitCode worst(const std::vector<run::VariantVerdicts>& verdicts) {
  const auto any = [&](result::Verdict verdict) {
    return std::ranges::any_of(verdicts, [&](const auto& one) { return one.result.verdict == verdict; });
  };
  if (any(result::Verdict::violated)) return ExitCode::violated;
  return any(result::Verdict::unknown) ? ExitCode::unknown : ExitCode::good;
}

ExitCode verdicts(const Options& options) {
  require_one_of("format", options.as, {"text", "markdown"});
  run::CheckOptions budgeted = options.check;
  options.budget.put(budgeted);
  const auto decided = search_live(budgeted, options.quiet, [&](const run::CheckOptions& check) {
    return run::run_verdicts(options.targets, check);
  });
  std::vector<report::VerdictRow> rows;
  for (const auto& one : decided) rows.push_back({one.protocol, &one.variant, &one.result});
  print(options.as == "markdown" ? report::write_verdicts_markdown(rows)
                                 : report::write_verdicts_text(rows, output_width()));
  return interrupt_requested() ? ExitCode::interrupted : worst(decided);
}

} // namespace

void add_verdicts(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  options->check.as_written = true;
  CLI::App* command = program.add_subcommand("verdicts", "Every variant of the protocols, judged");
  command->add_option("TARGET", options->targets, "PROTOCOL or PROTOCOL@VARIANT (default: everything)");
  options->budget.add(*command);
  command->add_option("--as", options->as, "text or markdown")->type_name("FORMAT");
  command->add_flag("--quiet", options->quiet, "No live line");
  command->footer("Budgets are for each variant. States are those of the written model.\n"
                  "Exit code: 0 everything holds everywhere, 1 something is violated, 3 something was not "
                  "finished\n\n"
                  "Examples:\n"
                  "  tdxcheck verdicts hkid_release\n"
                  "  tdxcheck verdicts --time 60s\n"
                  "  tdxcheck verdicts --as markdown > examples/VERDICTS.md");
  command->callback([options, &chosen] { chosen = [options] { return verdicts(*options); }; });
}

} // namespace tdxcheck::cli
