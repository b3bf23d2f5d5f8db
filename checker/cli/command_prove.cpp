// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/parse_quantity.h"
#include "cli/standard_streams.h"
#include "report/subject.h"
#include "report/write_prove.h"
#include "report/write_text.h"
#include "result/trace_json.h"
#include "run/run_prove.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace tdxcheck::cli {
namespace {

struct Options {
  run::ProveRequest request;
  std::string time;
  std::string certificate;
  bool quiet = false;
  JsonOption json;
};

ExitCode exit_code(const result::ProveResult& result) {
  if (interrupt_requested() && result.verdict == result::Verdict::unknown) return ExitCode::interrupted;
  switch (result.verdict) {
  case result::Verdict::holds: return ExitCode::good;
  case result::Verdict::violated: return ExitCode::violated;
  case result::Verdict::unknown: return ExitCode::unknown;
  }
  return ExitCode::internal_error;
}

void write_certificate(const result::ProveResult& result, const std::string& file) {
  const result::ProvedProperty& property = result.properties.front();
  if (property.certificate.empty())
    return complain(fmt::format("{}: not written, because `{}` was not proved", file, property.name));
  support::write_atomically(file, property.certificate);
  if (property.for_the_instance) complain(fmt::format("{}: what it certifies is the instance alone", file));
}

ExitCode prove(Options options) {
  if (!options.certificate.empty()) {
    refuse_unwritable_file(options.certificate);
    if (options.request.properties.size() != 1)
      throw support::InputError("--certificate: a certificate is for one claim; name it with --property");
  }
  if (!options.time.empty()) options.request.seconds = parse_duration(options.time);
  options.request.interrupted = &interrupt_requested();
  options.json.refuse_unwritable();
  const run::Target target = run::resolve(options.request.target);
  stop_gently_on_interrupt();
  const result::ProveResult result = run::run_prove(target, options.request);
  if (result.model_error) {
    complain(report::write_text(*result.model_error, output_width()));
    return ExitCode::bad_input;
  }
  if (!options.json.to_standard_output()) {
    const auto subject =
        report::subject_of(target.model, target.base, target.valuation, run::instantiated(target));
    print(report::write_prove(result, subject, options.quiet, output_width()));
  }
  if (!options.certificate.empty()) write_certificate(result, options.certificate);
  if (!options.json.path.empty()) options.json.write(result::text_of(report::prove_to_json(result)));
  return exit_code(result);
}

} // namespace

void add_prove(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "prove", "Prove claims about states and steps, for every value of some parameters");
  add_target(*command, options->request.target);
  command->add_option("--property", options->request.properties, "Prove this one only (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--any", options->request.any,
          "Leave a parameter free: every integer from 0 (or its lowest value) up, however large, but "
          "not `unlimited`; every value of a bool or enum; sets whose size it is may have any (repeatable)")
      ->type_name("PARAM")
      ->allow_extra_args(false);
  command
      ->add_option("--time", options->time, "Stop after that time, e.g. 45s, 10m (default: 60s per property)")
      ->type_name("DURATION");
  command
      ->add_option("--certificate", options->certificate,
                   "Write the invariant and what has to be shown of it as SMT-LIB, for `tdxcheck replay "
                   "--certificate`, or any solver")
      ->check(not_empty())
      ->type_name("FILE");
  options->json.add(*command, "the answer, with the invariants");
  command->add_flag("--quiet", options->quiet, "Verdicts only");
  command->footer("Exit code: 0 all that was asked is proved, 1 violated, 2 bad input, 3 not settled, 130 "
                  "interrupted\n\n"
                  "Examples:\n"
                  "  tdxcheck prove sept_zap@landed --property lock_discipline --any retries "
                  "--certificate c.smt2\n"
                  "  tdxcheck prove sharex_lock --property mutual_exclusion --any retries\n"
                  "  tdxcheck prove examples/first_lock.cpp --property mutual_exclusion --any threads\n"
                  "  tdxcheck prove model.json --time 5m --json -");
  command->callback([options, &chosen] { chosen = [options] { return prove(*options); }; });
}

} // namespace tdxcheck::cli
