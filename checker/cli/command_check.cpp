// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/live_search.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/subject.h"
#include "report/write_result_json.h"
#include "report/write_text.h"
#include "result/trace_json.h"
#include "run/run_check.h"
#include "support/error.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

namespace tdxcheck::cli {
namespace {

struct Options {
  run::Request request;
  run::CheckOptions check;
  BudgetOption budget;
  std::string engine = "explore", trace;
  std::optional<unsigned> depth;
  bool all = false, quiet = false, no_symmetry = false, no_partial_order = false;
  JsonOption json;
  ColorOption color;
};

run::CheckOptions check_options(const Options& options) {
  run::CheckOptions check = options.check;
  options.budget.put(check);
  const std::string& engine = require_one_of("engine", options.engine, {"explore", "reference", "bmc"});
  if (engine == "reference") check.engine = run::Engine::reference;
  if (engine == "bmc") check.engine = run::Engine::bmc;
  if (options.depth && engine != "bmc") throw support::InputError("--depth goes with --engine bmc");
  check.depth = options.depth.value_or(check.depth);
  check.symmetry = !options.no_symmetry;
  check.partial_order = !options.no_partial_order;
  return check;
}

bool is_same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  std::error_code error;
  return !a.empty() &&
         (fs::path(a).lexically_normal() == fs::path(b).lexically_normal() || fs::equivalent(a, b, error));
}

void refuse_unwritable(const Options& options) {
  options.json.refuse_unwritable();
  if (!options.trace.empty())
    options.all ? refuse_unwritable_directory(options.trace) : refuse_unwritable_file(options.trace);
  const auto refuse_overwriting = [](const char* option, const std::string& path, const std::string& other) {
    if (is_same_file(path, other))
      throw support::InputError(fmt::format("{} would overwrite {}", option, other));
  };
  refuse_overwriting("--json", options.json.path, options.request.target);
  refuse_overwriting("--trace", options.trace, options.request.target);
  refuse_overwriting("--trace", options.trace, options.json.path);
}

void write_report(const Options& options, const run::Target& target, const result::CheckResult& result,
                  bool color) {
  if (options.json.to_standard_output()) return;
  const report::TextOptions text{color, options.all, options.quiet, output_width()};
  const auto subject =
      report::subject_of(target.model, target.base, target.valuation, run::instantiated(target));
  print(report::write_text(result, subject, text));
}

void write_files(const Options& options, const result::CheckResult& result) {
  if (!options.json.path.empty()) options.json.write(result::text_of(report::to_json(result)));
  if (options.trace.empty()) return;
  options.all ? write_all_traces(result, options.trace) : write_first_trace(result, options.trace);
}

ExitCode exit_code(const result::CheckResult& result) {
  if (interrupt_requested() && !result.complete) return ExitCode::interrupted;
  switch (result.verdict) {
  case result::Verdict::holds: return ExitCode::good;
  case result::Verdict::violated: return ExitCode::violated;
  case result::Verdict::unknown: return ExitCode::unknown;
  }
  return ExitCode::internal_error;
}

ExitCode check(const Options& options) {
  const bool color = options.color.allowed();
  const run::CheckOptions checking = check_options(options);
  refuse_unwritable(options);
  const run::Target target = run::resolve(options.request);
  const result::CheckResult result = search_live(checking, options.quiet, [&](const auto& check) {
    return run::run_check(target, options.request, check);
  });
  if (result.model_error) {
    complain(report::write_text(*result.model_error, output_width()));
    return ExitCode::bad_input;
  }
  write_report(options, target, result, color);
  write_files(options, result);
  return exit_code(result);
}

void add_search_options(CLI::App& command, Options& options) {
  command.add_option("--property", options.check.search.properties, "Judge this property only (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_fairness(command, options.request);
  command.add_flag("--first", options.check.search.first, "Stop at the first violation");
  options.budget.add(command);
  command.add_option("--workers", options.check.workers, "Threads of the search (default: all cores)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  command
      .add_option("--engine", options.engine,
                  "explore, reference (slow, plain, independent), or bmc (violations within --depth steps)")
      ->type_name("NAME");
  command.add_option("--depth", options.depth, "How many steps bmc looks ahead (default: 20)")
      ->type_name("N")
      ->check(CLI::Range(0, 100000).description(""));
  command.add_flag("--no-symmetry", options.no_symmetry,
                   "Do not merge states that differ in members' names only");
  command.add_flag("--no-partial-order", options.no_partial_order, "Do not leave out interleavings");
  command.add_flag("--as-written", options.check.as_written,
                   "No reduction of any kind: the states of the written model");
  command.add_flag(
      "--vacuity", options.check.vacuous_wording,
      "Tell also which claims their wording makes vacuous, by Z3 (about 0.1 s): an antecedent that "
      "no type-correct state satisfies, a claim that cannot fail, or that another one implies");
}

void add_report_options(CLI::App& command, Options& options) {
  options.json.add(command, "the result");
  command
      .add_option("--trace", options.trace,
                  "Write the first violation's run; with --all one file each, in a directory")
      ->type_name("FILE")
      ->check(not_empty());
  command.add_flag("--all", options.all, "Show the run of every violation");
  command.add_flag("--quiet", options.quiet, "No live line; verdicts only");
  options.color.add(command);
}

} // namespace

void add_check(CLI::App& program, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("check", "Search exhaustively and to the end, and judge every property");
  add_target(*command, options->request);
  add_search_options(*command, *options);
  add_report_options(*command, *options);
  command->footer("Exit code: 0 all holds, 1 violated, 2 bad input, 3 a budget ran out, 130 interrupted\n\n"
                  "Examples:\n"
                  "  tdxcheck check hkid_release@v19\n"
                  "  tdxcheck check hkid_release --set vcpus=1 --property no_deadlock\n"
                  "  tdxcheck check hkid_release --without GUARD        # what is this line for?\n"
                  "  tdxcheck check ./my_patch.cpp --trace run.json     # one kernel function replaced\n"
                  "  tdxcheck check hkid_release@v19 --engine bmc --depth 12\n"
                  "  tdxcheck check model.json --time 45s --memory 2G --json -");
  command->callback([options, &chosen] { chosen = [options] { return check(*options); }; });
}

} // namespace tdxcheck::cli
