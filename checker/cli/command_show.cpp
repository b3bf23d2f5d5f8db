// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/show_model.h"
#include "result/trace_json.h"
#include "run/export_model.h"
#include "run/target.h"

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  JsonOption json;
};

ExitCode show(const Options& options) {
  options.json.refuse_unwritable();
  const run::Target target = run::resolve(options.request);
  if (!options.json.to_standard_output())
    print(report::show_model(target.name, target.model, target.valuation, run::instantiated(target),
                             output_width()));
  if (!options.json.path.empty()) options.json.write(result::text_of(run::export_as_json(target)));
  return ExitCode::good;
}

} // namespace

void add_show(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("show", "A target as readable pseudo-code of its threads");
  add_target(*command, options->request);
  options->json.add(*command, "the model itself");
  command->footer("Examples:\n"
                  "  tdxcheck show hkid_release@v19\n"
                  "  tdxcheck show hkid_release --set vcpus=1\n"
                  "  tdxcheck show hkid_release --json -");
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

} // namespace tdxcheck::cli
