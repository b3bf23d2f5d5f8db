// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/gate_reports.h"

#include "cli/gate_artifacts.h"
#include "cli/options.h"
#include "cli/output_files.h"
#include "cli/standard_streams.h"
#include "report/write_gate_json.h"
#include "report/write_github.h"
#include "report/write_junit.h"
#include "report/write_ktap.h"
#include "report/write_sarif.h"
#include "result/trace_json.h"
#include "support/atomic_file.h"
#include "support/contract.h"
#include "support/error.h"
#include "support/file_descriptor.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace tdxcheck::cli {
namespace {

namespace fs = std::filesystem;
using support::InputError;

report::RunIdentity identity() {
  std::array<char, 256> host{};
  report::RunIdentity identity;
  if (::gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') identity.host = host.data();
  identity.started = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::time(nullptr)));
  return identity;
}

// Set by GitHub's runner; whoever tries --github elsewhere gets the annotations alone.
std::string summary_path() {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  return path != nullptr ? path : "";
}

// The summary belongs to the whole job step: what others wrote stays. One write, so that it is there or not.
void append(const std::string& path, const std::string& text) {
  support::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  const ssize_t written = file.is_open() ? ::write(file.get(), text.data(), text.size()) : -1;
  const int reason = written < 0 ? errno : ENOSPC;
  if (written != static_cast<ssize_t>(text.size()) || !file.close())
    throw InputError(fmt::format("cannot write {}: {}", path, std::generic_category().message(reason)));
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::weakly_canonical(fs::absolute(a), error) == fs::weakly_canonical(fs::absolute(b), error);
}

} // namespace

void GateReports::add_options(CLI::App& command) {
  const auto add = [&](const char* name, std::string& path, const char* what) {
    command.add_option(name, path, what)->type_name("FILE|-")->check(not_empty());
  };
  add("--ktap", ktap_,
      "Write KTAP, as the kernel's tests do; - is standard output, and then nothing else is");
  add("--junit", junit_, "Write JUnit XML");
  add("--sarif", sarif_, "Write SARIF 2.1.0, runs as code flows");
  add("--json", json_, "Write every check's result as JSON");
  command.add_flag("--github", github_,
                   "Annotations for GitHub Actions, and the job summary to $GITHUB_STEP_SUMMARY");
  command
      .add_option("--artifacts", artifacts_,
                  "Of every failure: result, trace, and the trace rendered, in a directory")
      ->type_name("DIR")
      ->check(not_empty());
}

std::vector<GateReports::File> GateReports::files() const {
  std::vector<File> asked{{"--ktap", &ktap_}, {"--junit", &junit_}, {"--sarif", &sarif_}, {"--json", &json_}};
  std::erase_if(asked, [](const File& file) { return file.path->empty(); });
  return asked;
}

bool GateReports::takes_standard_output() const {
  return std::ranges::any_of(files(), [](const File& file) { return *file.path == "-"; });
}

void GateReports::prepare(const std::vector<std::string>& inputs) const {
  const std::vector<File> asked = files();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string& path = *asked[i].path;
    for (std::size_t j = 0; j < i; ++j)
      if (path == *asked[j].path ||
          (path != "-" && *asked[j].path != "-" && is_same_file(path, *asked[j].path)))
        throw InputError(fmt::format("{} and {} cannot both be {}", asked[j].option, asked[i].option,
                                     path == "-" ? "standard output" : path));
    if (path == "-") continue;
    for (const std::string& input : inputs)
      if (is_same_file(path, input))
        throw InputError(fmt::format("{} would overwrite {}", asked[i].option, input));
    refuse_unwritable_file(path);
  }
  if (!artifacts_.empty()) refuse_unwritable_directory(artifacts_);
  if (github_ && !summary_path().empty()) refuse_unwritable_file(summary_path());
  std::error_code ignored;
  if (!artifacts_.empty()) fs::remove(fs::path(artifacts_) / artifacts_summary, ignored);
  for (const File& file : asked) {
    std::error_code error;
    if (*file.path != "-" && fs::is_regular_file(*file.path, error) && !fs::remove(*file.path, error))
      throw InputError(fmt::format("cannot remove the old {}: {}", *file.path, error.message()));
  }
}

std::string GateReports::text_of(const File& file, const result::GateResult& gate, ExitCode code) const {
  if (file.path == &ktap_) return report::write_ktap(gate);
  if (file.path == &junit_) return report::write_junit(gate, identity());
  if (file.path == &sarif_)
    return result::text_of(report::write_sarif(gate, TDXCHECK_VERSION, static_cast<int>(code)));
  support::expects(file.path == &json_, "every kind of report has a writer");
  return result::text_of(report::write_gate_json(gate));
}

// Where standard output is taken, the annotations go to standard error: GitHub's runner reads both.
void GateReports::write_github(const result::GateResult& gate) const {
  const std::string annotations = report::write_github_annotations(gate);
  takes_standard_output() ? remark(annotations) : print(annotations);
  if (!summary_path().empty()) append(summary_path(), report::write_github_summary(gate));
}

bool GateReports::write(const result::GateResult& gate, ExitCode code) const {
  bool all = true;
  const auto attempt = [&](auto action) {
    try {
      action();
    } catch (const InputError& error) {
      complain(error.what());
      all = false;
    }
  };
  for (const File& file : files())
    attempt([&] {
      const std::string text = text_of(file, gate, code);
      *file.path == "-" ? print(text) : support::write_atomically(*file.path, text);
    });
  if (!artifacts_.empty()) attempt([&] { write_artifacts(gate, artifacts_); });
  if (github_) attempt([&] { write_github(gate); });
  return all;
}

} // namespace tdxcheck::cli
