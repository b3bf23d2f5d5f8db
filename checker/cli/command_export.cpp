// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "result/trace_json.h"
#include "run/export_model.h"
#include "run/target.h"
#include "support/atomic_file.h"
#include "support/error.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace tdxcheck::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  run::Request request;
  std::string format = "json";
  std::string output; // empty: standard output
  unsigned depth = 1;
  bool last_move = false;
};

void deliver(const Options& options, const std::string& text) {
  if (options.output.empty()) print(text);
  else support::write_atomically(options.output, text);
}

// The module's name is that of its file, and its configuration lies beside it; in one stream, what follows
// the end of a module is not part of it.
void export_tla(const Options& options, const run::Target& target) {
  if (options.output.empty()) {
    const auto files = run::export_as_tla(target, emit::tla_module_name(target.name));
    print(files.module + "\nThe configuration for TLC:\n\n" + files.configuration);
    return;
  }
  const fs::path module = options.output;
  const std::string name = module.stem().string();
  if (module.extension() != ".tla" || emit::tla_module_name(name) != name)
    throw support::InputError(
        fmt::format("--output {}: TLA+ wants a file NAME.tla, where NAME is of letters, "
                    "digits and `_`, begins with a letter and is no word of TLA+",
                    options.output));
  const auto files = run::export_as_tla(target, name);
  support::write_atomically(module, files.module);
  support::write_atomically(fs::path(module).replace_extension(".cfg"), files.configuration);
}

ExitCode export_model(const Options& options) {
  require_one_of("format", options.format, {"json", "promela", "tla", "smt2", "dot"});
  if (options.last_move && options.format != "promela")
    throw support::InputError("--last-move is for --as promela");
  const run::Target target = run::resolve(options.request);
  const auto state = options.last_move ? emit::PromelaState::with_last_move : emit::PromelaState::as_written;
  if (options.format == "tla") export_tla(options, target);
  else if (options.format == "promela") deliver(options, run::export_as_promela(target, state));
  else if (options.format == "smt2") deliver(options, run::export_as_smt2(target, options.depth));
  else if (options.format == "dot") deliver(options, run::export_as_dot(target));
  else deliver(options, result::text_of(run::export_as_json(target)));
  return ExitCode::good;
}

} // namespace

void add_export(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("export", "The same model in another language");
  add_target(*command, options->request);
  command->add_option("--as", options->format, "json, promela, tla, smt2 or dot")->type_name("FORMAT");
  command
      ->add_option("--output", options->output,
                   "Instead of standard output; tla: NAME.tla, and NAME.cfg beside it")
      ->type_name("FILE")
      ->check(not_empty());
  command->add_option("--depth", options->depth, "smt2: the longest run that the file asks a solver for")
      ->check(CLI::Range(0, 1000))
      ->type_name("STEPS");
  command->add_flag("--last-move", options->last_move,
                    "promela: the last step as a part of the state, so that no_livelock has a never claim");
  command->footer("Examples:\n"
                  "  tdxcheck export hkid_release@v19 --as json > model.json\n"
                  "  tdxcheck check model.json\n"
                  "  tdxcheck export hkid_release@v19 --as promela > model.pml && spin -a model.pml\n"
                  "  tdxcheck export hkid_release@v19 --as tla --output Model.tla && tlc -continue Model\n"
                  "  tdxcheck export hkid_release@v19 --as smt2 --depth 4 > model.smt2 && z3 model.smt2\n"
                  "  tdxcheck export sharex_lock --as dot | dot -Tsvg > model.svg");
  command->callback([options, &chosen] { chosen = [options] { return export_model(*options); }; });
}

} // namespace tdxcheck::cli
