// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/write_replay.h"
#include "result/trace_json.h"
#include "run/run_replay.h"

#include <fmt/format.h>

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::string file;
  JsonOption json;
  bool quiet = false;
};

ExitCode replay(const Options& options) {
  options.json.refuse_unwritable();
  const result::Trace trace = run::read_trace(options.file);
  const auto replayed = run::run_replay(trace);
  const report::Replayed said{replayed.valid, replayed.step, replayed.why, replayed.caveat};
  if (!options.quiet && !options.json.to_standard_output())
    print(report::write_replay(trace, said, output_width()));
  if (!options.json.path.empty()) options.json.write(result::text_of(report::replay_to_json(trace, said)));
  return replayed.valid ? ExitCode::good : ExitCode::violated;
}

} // namespace

void add_replay(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "replay", "Re-execute a trace by the reference semantics: valid, or the first step that is not");
  command->add_option("TRACE", options->file, "A trace file, as `check --trace` writes it")->required();
  options->json.add(*command, "the answer");
  command->add_flag("--quiet", options->quiet, "Nothing but the exit code");
  command->footer("Examples:\n"
                  "  tdxcheck check hkid_release@v19 --trace run.json\n"
                  "  tdxcheck replay run.json");
  command->callback([options, &chosen] { chosen = [options] { return replay(*options); }; });
}

} // namespace tdxcheck::cli
