// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A matrix of verdicts: one row a combination of values, one column a property. A violated cell says after
// how many steps at the earliest; a cell that was not finished says so. Below it, where that was asked for,
// the failing set of each claim as a formula (not in CSV, which has no place for it).

#include "result/failing_set.h"
#include "result/verdict.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::report {

struct SweepRow {
  std::vector<std::string> values; // of the swept parameters
  const result::CheckResult* result = nullptr;
};
struct SweepTable {
  std::string target;
  std::vector<std::string> parameters; // swept
  std::vector<SweepRow> rows;
  std::size_t computed = 0; // rows that were checked; the others have the model of one of these
  std::string reproduce;
  const result::SimplifiedSweep* simplified = nullptr; // if that was asked for
};

[[nodiscard]] std::string write_sweep_text(const SweepTable& sweep, std::size_t width);
[[nodiscard]] std::string write_sweep_markdown(const SweepTable& sweep);
[[nodiscard]] std::string write_sweep_csv(const SweepTable& sweep);
[[nodiscard]] nlohmann::ordered_json write_sweep_json(const SweepTable& sweep); // tdxcheck/sweep/1

} // namespace tdxcheck::report
