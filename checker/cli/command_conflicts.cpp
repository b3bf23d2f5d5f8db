// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/subject.h"
#include "report/write_conflicts.h"
#include "report/write_text.h"
#include "result/trace_json.h"
#include "run/run_conflicts.h"

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  BudgetOption budget;
  bool all = false, quiet = false;
  JsonOption json;
};

ExitCode exit_code(bool complete) {
  if (complete) return ExitCode::good;
  return interrupt_requested() ? ExitCode::interrupted : ExitCode::unknown;
}

ExitCode conflicts_of_the_module(const Options& options, const run::CheckOptions& budgeted) {
  const result::ModuleConflicts result = search_live(budgeted, options.quiet, [&](const auto& check) {
    return run::run_module_conflicts(options.request, check);
  });
  if (!options.json.to_standard_output()) print(report::write_conflicts(result, output_width()));
  if (!options.json.path.empty()) options.json.write(result::text_of(report::conflicts_to_json(result)));
  return exit_code(result.complete);
}

ExitCode conflicts(const Options& options) {
  run::CheckOptions budgeted;
  options.budget.put(budgeted);
  options.json.refuse_unwritable();
  if (options.request.target.empty()) return conflicts_of_the_module(options, budgeted);
  const run::Target target = run::resolve(options.request);
  const result::ConflictsResult result = search_live(budgeted, options.quiet, [&](const auto& check) {
    return run::run_conflicts(target, options.request, check);
  });
  if (result.model_error) {
    complain(report::write_text(*result.model_error, output_width()));
    return ExitCode::bad_input;
  }
  if (!options.json.to_standard_output()) {
    const auto subject =
        report::subject_of(target.model, target.base, target.valuation, run::instantiated(target));
    print(report::write_conflicts(result, subject, options.all, output_width()));
  }
  if (!options.json.path.empty()) options.json.write(result::text_of(report::conflicts_to_json(result)));
  return exit_code(result.complete);
}

} // namespace

void add_conflicts(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("conflicts", "Who makes whom BUSY, in which call, holding which lock");
  add_target(*command, options->request, "; without it, the whole module: every pair of its leaves");
  options->budget.add(*command);
  options->json.add(*command, "the conflicts, each with a shortest run");
  command->add_flag("--all", options->all, "Show a shortest run into each");
  command->add_flag("--quiet", options->quiet, "No live line");
  command->footer(
      "Examples:\n"
      "  tdxcheck conflicts --set module=1.5.16\n"
      "  tdxcheck conflicts hkid_release@landed\n"
      "  tdxcheck conflicts hkid_release --set vcpus=1 --all\n"
      "  tdxcheck conflicts hkid_release --json - | jq -r '.pairs[] | [.newcomer, .holder] | @tsv'");
  command->callback([options, &chosen] { chosen = [options] { return conflicts(*options); }; });
}

} // namespace tdxcheck::cli
