// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "run/run_conflicts.h"
#include "support/error.h"

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  BudgetOption budget;
  bool locks = false, threads = false;
};

ExitCode graph(const Options& options) {
  if (options.locks == options.threads)
    throw support::InputError("`graph` takes one of --locks and --threads");
  run::CheckOptions check;
  options.budget.put(check);
  const run::Target target = run::resolve(options.request);
  if (options.locks) stop_gently_on_interrupt();
  print(options.locks ? run::lock_order_as_dot(target, check) : run::control_flow_as_dot(target));
  return ExitCode::good;
}

} // namespace

void add_graph(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("graph", "Lock order or control flow, as DOT");
  add_target(*command, options->request);
  command->add_flag("--locks", options->locks,
                    "Which locks are acquired while which are held, in all reachable states");
  command->add_flag("--threads", options->threads, "Labels and steps of every thread");
  options->budget.add(*command);
  command->footer("Examples:\n"
                  "  tdxcheck graph hkid_release --locks | dot -Tsvg > locks.svg\n"
                  "  tdxcheck graph hkid_release@v19 --threads");
  command->callback([options, &chosen] { chosen = [options] { return graph(*options); }; });
}

} // namespace tdxcheck::cli
