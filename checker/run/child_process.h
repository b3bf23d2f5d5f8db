// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Another program, run without a shell: a compiler, or a checker that is asked for its opinion.

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::run {

// A fresh directory that nobody else can read, gone again with this.
class PrivateDirectory {
public:
  PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

struct ChildProcess {
  std::vector<std::string> command;               // the program is looked for in PATH
  std::filesystem::path directory;                // where it runs; empty: here
  std::filesystem::path output;                   // what it prints, both streams; empty: our standard error
  std::optional<double> seconds;                  // then it is killed
  const std::atomic<bool>* interrupted = nullptr; // likewise, once true
};

enum class ChildEnd {
  succeeded,
  failed, // another exit code than 0, or a signal
  no_such_program,
  out_of_time, // or interrupted
};

// InputError if it cannot be started for another reason than that it is not there. Its standard input is
// empty.
[[nodiscard]] ChildEnd run_child(const ChildProcess& child);

} // namespace tdxcheck::run
