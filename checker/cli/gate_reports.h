// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The reports of a gate that other programs read. A report of an earlier run is removed before this one
// begins: should we be killed, no reader takes the old one for the new.

#include "cli/exit_code.h"
#include "result/gate.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace tdxcheck::cli {

class GateReports {
public:
  void add_options(CLI::App& command);

  // Before anything is judged: InputError for a report that certainly cannot be written, for two into one
  // file, for one into a file that is read. Then removes what is there.
  void prepare(const std::vector<std::string>& inputs) const;
  [[nodiscard]] bool takes_standard_output() const;
  // Tries all of them, whatever happens to one; false, and said on standard error, if any was not written.
  [[nodiscard]] bool write(const result::GateResult& gate, ExitCode code) const;

private:
  struct File {
    const char* option;
    const std::string* path;
  };
  [[nodiscard]] std::vector<File> files() const; // those that were asked for
  [[nodiscard]] std::string text_of(const File& file, const result::GateResult& gate, ExitCode code) const;
  void write_github(const result::GateResult& gate) const;

  std::string ktap_, junit_, sarif_, json_, artifacts_;
  bool github_ = false;
};

} // namespace tdxcheck::cli
