// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A folder with a small model and gates over it, and the program run in it.

#include "tests/run_program.h"
#include "tests/scratch_folder.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace tdxcheck::tests {

// model.json holds, and violates `mutual_exclusion` without the guard `exclusion`; large.json takes longer
// than anybody waits; wrong.json ends in a model error.
struct GateWorkplace {
  GateWorkplace();
  void write(const std::string& name, const std::string& text) const;
  void write(const std::string& name, const nlohmann::json& json) const { write(name, json.dump(2) + "\n"); }
  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] nlohmann::json read_json(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  [[nodiscard]] ProgramRun run(const std::vector<std::string>& arguments,
                               ProgramSettings settings = {}) const;

  ScratchFolder folder;
};

// A check of model.json, with the guard or without it.
[[nodiscard]] nlohmann::json gate_check(const char* property, const char* verdict, bool guarded = true);
[[nodiscard]] nlohmann::json gate_of(const std::vector<nlohmann::json>& checks);

// One check each: met, met, unexpectedly broken, unexpectedly fixed.
[[nodiscard]] nlohmann::json mixed_gate();

// What a shell command says on both streams; `code` is that of its exit.
struct CommandRun {
  int code = -1;
  std::string out;
};
[[nodiscard]] CommandRun run_command(const std::string& command);

} // namespace tdxcheck::tests
