// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "result/trace_json.h"
#include "run/export_model.h"
#include "run/target.h"

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  std::string format = "json";
};

ExitCode export_model(const Options& options) {
  require_one_of("format", options.format, {"json", "promela"});
  const run::Target target = run::resolve(options.request);
  if (options.format == "promela") print(run::export_as_promela(target));
  else print(result::text_of(run::export_as_json(target)));
  return ExitCode::good;
}

} // namespace

void add_export(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("export", "The same model in another language, on standard output");
  add_target(*command, options->request);
  command->add_option("--as", options->format, "json or promela")->type_name("FORMAT");
  command->footer("Examples:\n"
                  "  tdxcheck export hkid_release@v19 --as json > model.json\n"
                  "  tdxcheck check model.json\n"
                  "  tdxcheck export hkid_release@v19 --as promela > model.pml && spin -a model.pml");
  command->callback([options, &chosen] { chosen = [options] { return export_model(*options); }; });
}

} // namespace tdxcheck::cli
