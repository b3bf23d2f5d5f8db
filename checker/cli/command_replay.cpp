// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_streams.h"
#include "report/write_replay.h"
#include "result/trace_json.h"
#include "run/run_certificate.h"
#include "run/run_replay.h"
#include "support/error.h"
#include "support/read_file.h"

#include <fmt/format.h>

#include <memory>

namespace tdxcheck::cli {
namespace {

struct Options {
  std::string file;
  std::string certificate;
  unsigned seconds = 0;
  JsonOption json;
  bool quiet = false;
};

ExitCode replay_certificate(const Options& options) {
  options.json.refuse_unwritable();
  const auto checked =
      run::check_certificate(support::read_file(options.certificate), options.certificate, options.seconds);
  const report::Certified said{checked.target,
                               checked.property,
                               checked.extent,
                               checked.obligations,
                               checked.why,
                               checked.certified == run::Certified::yes,
                               checked.certified == run::Certified::unknown};
  if (!options.quiet && !options.json.to_standard_output())
    print(report::write_certified(said, options.certificate, output_width()));
  if (!options.json.path.empty()) options.json.write(result::text_of(report::certified_to_json(said)));
  if (checked.certified == run::Certified::unknown) return ExitCode::unknown;
  return checked.certified == run::Certified::yes ? ExitCode::good : ExitCode::violated;
}

ExitCode replay(const Options& options) {
  if (!options.certificate.empty()) {
    if (!options.file.empty())
      throw support::InputError("either a trace or --certificate FILE is replayed, not both");
    return replay_certificate(options);
  }
  if (options.file.empty())
    throw support::InputError("what is to be replayed? A TRACE, or --certificate FILE");
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
      "replay", "Re-execute a trace by the reference semantics, or re-check a proof: valid, or what is not");
  command->add_option("TRACE", options->file, "A trace file, as `check --trace` writes it");
  command
      ->add_option("--certificate", options->certificate,
                   "Re-check a proof, as `prove --certificate` writes it, with another encoding and a fresh "
                   "solver")
      ->check(not_empty())
      ->type_name("FILE");
  command
      ->add_option("--seconds", options->seconds, "For each obligation of a certificate (default: no limit)")
      ->type_name("N");
  options->json.add(*command, "the answer");
  command->add_flag("--quiet", options->quiet, "Nothing but the exit code");
  command->footer(
      "Examples:\n"
      "  tdxcheck check hkid_release@v19 --trace run.json\n"
      "  tdxcheck replay run.json\n"
      "  tdxcheck prove sept_zap@landed --property lock_discipline --any retries --certificate c.smt2\n"
      "  tdxcheck replay --certificate c.smt2");
  command->callback([options, &chosen] { chosen = [options] { return replay(*options); }; });
}

} // namespace tdxcheck::cli
