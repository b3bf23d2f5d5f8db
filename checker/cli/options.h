// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Options that several commands share.

#include "run/check_options.h"
#include "run/target.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::cli {

// TARGET, --set, --without
void add_target(CLI::App& command, run::Request& request);
// Likewise, where TARGET may be left out; what that means, in words that go on.
void add_target(CLI::App& command, run::Request& request, const std::string& without_it);

// --set, --without
void add_settings(CLI::App& command, run::Request& request);

// --fair
void add_fairness(CLI::App& command, run::Request& request);

// --time, --memory: budgets of a search, as they were written.
struct BudgetOption {
  std::string time, memory;

  void add(CLI::App& command);
  void put(run::CheckOptions& check) const; // and interruption
};

// --json FILE|-
struct JsonOption {
  std::string path; // empty: not asked for

  void add(CLI::App& command, const std::string& what);
  [[nodiscard]] bool to_standard_output() const { return path == "-"; }
  // Before long work: an InputError if it cannot be written.
  void refuse_unwritable() const;
  // Does nothing if it was not asked for.
  void write(const std::string& json) const;
};

// --color auto|always|never, checked when asked.
struct ColorOption {
  std::string choice = "auto";

  void add(CLI::App& command);
  [[nodiscard]] bool allowed() const;
};

// For options that name a file: refuses the empty name, which would mean that the option was not given.
[[nodiscard]] CLI::Validator not_empty();

// `text` if it is one of `known`, else an InputError that names what is near.
const std::string& require_one_of(const char* kind, const std::string& text,
                                  const std::vector<std::string>& known);

} // namespace tdxcheck::cli
