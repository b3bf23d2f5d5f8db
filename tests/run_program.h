// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The program as a user runs it: another process, with its own standard streams and exit code.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::tests {

struct ProgramSettings {
  std::filesystem::path directory = ".";
  std::optional<std::filesystem::path> standard_output = {}; // instead of being collected
  bool close_standard_output = false;
  std::map<std::string, std::string> environment = {}; // besides that of the test; an empty value unsets
  std::optional<double> interrupt_after = {};          // SIGINT, in seconds
};

struct ProgramRun {
  int code = -1; // of its exit; 128 + N where signal N killed it, as shells say
  std::string out, err;
};

[[nodiscard]] ProgramRun run_tdxcheck(const std::vector<std::string>& arguments,
                                      const ProgramSettings& settings = {});

} // namespace tdxcheck::tests
