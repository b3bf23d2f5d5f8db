// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/gate_artifacts.h"

#include "cli/output_files.h"
#include "report/render_html.h"
#include "report/render_race.h"
#include "report/write_github.h"
#include "report/write_result_json.h"
#include "result/trace_json.h"
#include "support/atomic_file.h"
#include "support/error.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <system_error>

namespace tdxcheck::cli {
namespace {

namespace fs = std::filesystem;
using result::GateCheck;
using result::Outcome;

void make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    throw support::InputError(fmt::format("cannot write {}: {}", directory.string(), error.message()));
}

void write_run(const fs::path& beside, const result::Trace& trace) {
  support::write_atomically(beside.string() + ".json", result::text_of(to_json(trace)));
  support::write_atomically(beside.string() + ".txt", report::render_race(trace));
  support::write_atomically(beside.string() + ".html", report::render_html(trace));
}

void write_failure(const GateCheck& check, const fs::path& directory) {
  make_directory(directory);
  support::write_atomically(directory / "result.json", result::text_of(report::to_json(check.result)));
  if (check.result.model_error) write_run(directory / "model_error", check.result.model_error->trace);
  std::set<std::string> taken{"result", "model_error"};
  for (const auto& expectation : check.expectations) {
    const auto* property = check.property(expectation.property);
    if (expectation.outcome() == Outcome::broken && property != nullptr && property->trace)
      write_run(directory / plain_name(expectation.property, taken), *property->trace);
  }
}

} // namespace

void write_artifacts(const result::GateResult& gate, const std::string& directory) {
  make_directory(directory);
  support::write_atomically(fs::path(directory) / artifacts_summary, report::write_github_summary(gate));
  std::set<std::string> taken{artifacts_summary};
  for (const GateCheck& check : gate.checks)
    if (check.outcome != Outcome::met)
      write_failure(check, fs::path(directory) / plain_name(check.name, taken));
}

} // namespace tdxcheck::cli
