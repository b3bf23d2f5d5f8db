// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_files.h"

#include "cli/standard_streams.h"
#include "result/trace_json.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/file_descriptor.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace tdxcheck::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
  throw support::InputError(fmt::format("cannot write {}: {}", path.string(), reason));
}

void require_access(const fs::path& place, int mode, const fs::path& path) {
  if (::access(place.c_str(), mode) != 0) refuse(path, std::generic_category().message(errno));
}

// Permissions do not tell all: of a file system that is mounted read-only, or is none for files (/proc), only
// trying does.
void require_new_file_in(const fs::path& directory, const fs::path& path) {
  const fs::path name = directory / fmt::format(".tdxcheck.{}.tmp", ::getpid());
  const support::FileDescriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.is_open()) refuse(path, std::generic_category().message(errno));
  ::unlink(name.c_str());
}

fs::path directory_of(fs::path path) {
  if (!path.has_filename()) path = path.parent_path(); // "traces/"
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void say_that_nothing_is_written(const std::string& path) {
  remark(fmt::format("tdxcheck: no run violates anything; {} is not written\n", path));
}

} // namespace

std::string plain_name(const std::string& name, std::set<std::string>& taken) {
  std::string plain;
  for (const char c : name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '@' || c == '=';
    plain += fits ? c : '_';
  }
  if (plain.size() > 100) plain.resize(100);
  if (plain.empty()) plain = "_";
  std::string unused = plain;
  for (int i = 2; !taken.insert(unused).second; ++i) unused = fmt::format("{}_{}", plain, i);
  return unused;
}

void refuse_unwritable_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) refuse(path, "it is a directory");
  if (fs::exists(status)) require_access(path, W_OK, path);
  if (!fs::exists(status) || fs::is_regular_file(status)) require_new_file_in(directory_of(path), path);
}

void refuse_unwritable_directory(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return require_new_file_in(directory_of(path), path);
  if (!fs::is_directory(status)) refuse(path, "it is no directory, which --all wants");
  require_new_file_in(path, path);
}

void write_first_trace(const result::CheckResult& result, const std::string& path) {
  for (const auto& property : result.properties)
    if (property.verdict == result::Verdict::violated && property.trace)
      return support::write_atomically(path, result::text_of(to_json(*property.trace)));
  say_that_nothing_is_written(path);
}

void write_all_traces(const result::CheckResult& result, const std::string& directory) {
  std::set<std::string> taken;
  for (const auto& property : result.properties) {
    if (property.verdict != result::Verdict::violated || !property.trace) continue;
    std::error_code error;
    if (taken.empty() && !fs::create_directory(directory, error) && error) refuse(directory, error.message());
    support::write_atomically(fs::path(directory) / (plain_name(property.name, taken) + ".json"),
                              result::text_of(to_json(*property.trace)));
  }
  if (taken.empty()) say_that_nothing_is_written(directory);
}

} // namespace tdxcheck::cli
