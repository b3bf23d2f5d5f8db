// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/subject.h"
#include "report/write_bound.h"
#include "report/write_text.h"
#include "result/trace_json.h"
#include "run/run_bound.h"
#include "support/atomic_file.h"

namespace tdxcheck::cli {
namespace {

struct Options {
  run::BoundRequest request;
  BudgetOption budget;
  std::string trace;
  bool quiet = false;
  JsonOption json;
};

ExitCode exit_code(const result::BoundResult& bound) {
  if (bound.answer == result::BoundAnswer::unknown)
    return interrupt_requested() ? ExitCode::interrupted : ExitCode::unknown;
  return bound.answer == result::BoundAnswer::number ? ExitCode::good : ExitCode::violated;
}

ExitCode bound(const Options& options) {
  run::CheckOptions budgeted;
  options.budget.put(budgeted);
  options.json.refuse_unwritable();
  if (!options.trace.empty()) refuse_unwritable_file(options.trace);
  const run::Target target = run::resolve(options.request.target);
  const result::BoundResult result = search_live(budgeted, options.quiet, [&](const auto& check) {
    return run::run_bound(target, options.request, check);
  });
  if (result.model_error) {
    complain(report::write_text(*result.model_error, output_width()));
    return ExitCode::bad_input;
  }
  if (!options.json.to_standard_output()) {
    const auto subject =
        report::subject_of(target.model, target.base, target.valuation, run::instantiated(target));
    print(report::write_bound(result, subject, options.quiet, output_width()));
  }
  if (!options.json.path.empty()) options.json.write(result::text_of(report::bound_to_json(result)));
  if (!options.trace.empty() && result.witness)
    support::write_atomically(options.trace, result::text_of(to_json(*result.witness)));
  return exit_code(result);
}

} // namespace

void add_bound(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("bound", "The exact worst case of a loop, with a run that attains it");
  add_target(*command, options->request.target);
  command->add_option("--loop", options->request.loop, "A loop, or the kernel function that it stands in")
      ->type_name("LOOP")
      ->required();
  command->add_option("--cost", options->request.cost, "retries (rounds), seamcalls, ipis or cycles")
      ->type_name("WHAT");
  command->add_option("--per", options->request.per, "loop, or operation: the one around the loop")
      ->type_name("WHAT");
  add_fairness(*command, options->request.target);
  options->budget.add(*command);
  options->json.add(*command, "the answer");
  command->add_option("--trace", options->trace, "Write the witness")->type_name("FILE")->check(not_empty());
  command->add_flag("--quiet", options->quiet, "No live line, no witness");
  command->footer("Exit code: 0 a number, 1 no bound, 2 bad input, 3 a budget ran out, 130 interrupted\n\n"
                  "Examples:\n"
                  "  tdxcheck bound hkid_release@v19 --loop vpflushdone\n"
                  "  tdxcheck bound hkid_release --loop __tdx_mmu_release_hkid --cost seamcalls\n"
                  "  tdxcheck bound model.json --loop block --json -");
  command->callback([options, &chosen] { chosen = [options] { return bound(*options); }; });
}

} // namespace tdxcheck::cli
