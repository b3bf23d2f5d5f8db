// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/write_proofs.h"
#include "report/write_verdicts.h"
#include "run/run_verdicts.h"
#include "support/atomic_file.h"
#include "support/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tdxcheck::cli {
namespace {

constexpr double seconds_for_proofs = 60; // of one variant

struct Options {
  std::vector<std::string> targets;
  run::CheckOptions check;
  BudgetOption budget;
  std::string as = "text";
  bool spin = false;
  std::string proofs; // file; empty: nothing is proved
  bool quiet = false;
};

ExitCode worst(const std::vector<run::VariantVerdicts>& verdicts) {
  const auto any = [&](result::Verdict verdict) {
    return std::ranges::any_of(verdicts, [&](const auto& one) { return one.result.verdict == verdict; });
  };
  if (any(result::Verdict::violated)) return ExitCode::violated;
  return any(result::Verdict::unknown) ? ExitCode::unknown : ExitCode::good;
}

// Two searches that share nothing count the same, or one of them is wrong.
void require_equal_counts(const std::vector<run::VariantVerdicts>& verdicts) {
  for (const auto& one : verdicts)
    if (one.spin && one.spin->incomplete_because.empty() && one.result.complete &&
        one.spin->states != one.result.states)
      throw support::InternalError(fmt::format("{}@{} has {} states, and {} by SPIN", one.protocol,
                                               one.variant.name, one.result.states, one.spin->states));
}

ExitCode verdicts(const Options& options) {
  require_one_of("format", options.as, {"text", "markdown"});
  if (!options.proofs.empty()) refuse_unwritable_file(options.proofs);
  run::CheckOptions budgeted = options.check;
  options.budget.put(budgeted);
  const auto decided = search_live(budgeted, options.quiet, [&](const run::CheckOptions& check) {
    auto all = run::run_verdicts(options.targets, check,
                                 options.spin ? run::SecondTool::spin : run::SecondTool::none);
    if (!options.proofs.empty())
      run::add_proofs(all, check, check.search.seconds.value_or(seconds_for_proofs));
    return all;
  });
  std::vector<report::VerdictRow> rows;
  for (const auto& one : decided)
    rows.push_back({one.protocol, &one.variant, &one.result, one.spin ? &*one.spin : nullptr,
                    one.proofs ? &*one.proofs : nullptr});
  print(options.as == "markdown" ? report::write_verdicts_markdown(rows)
                                 : report::write_verdicts_text(rows, output_width()));
  if (!options.proofs.empty()) support::write_atomically(options.proofs, report::write_proofs_markdown(rows));
  require_equal_counts(decided);
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
  command->add_flag("--spin", options->spin,
                    "How many states SPIN counts, too (needs the programs spin and cc)");
  command
      ->add_option("--proofs", options->proofs,
                   "Prove for every value of free integers what default variants claim, too, and tell here")
      ->type_name("FILE");
  command->add_flag("--quiet", options->quiet, "No live line");
  command->footer(
      "Budgets are for each variant, and again for its proofs (default: a minute). States are "
      "those of the written model.\n"
      "Exit code: 0 everything holds everywhere, 1 something is violated, 3 something was not "
      "finished,\n70 SPIN counts other states than we do\n\n"
      "Examples:\n"
      "  tdxcheck verdicts hkid_release\n"
      "  tdxcheck verdicts --time 60s\n"
      "  tdxcheck verdicts sept_zap --proofs /dev/stdout\n"
      "  tdxcheck verdicts --spin --as markdown --proofs examples/PROOFS.md > examples/VERDICTS.md");
  command->callback([options, &chosen] { chosen = [options] { return verdicts(*options); }; });
}

} // namespace tdxcheck::cli
