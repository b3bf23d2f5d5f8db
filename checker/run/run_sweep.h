// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A matrix of checks: every combination of the values given for some parameters.

#include "result/verdict.h"
#include "run/check_options.h"
#include "run/target.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tdxcheck::run {

struct SweptParameter {
  std::string name;
  std::vector<std::string> values;
};

struct Sweep {
  std::string target;
  std::vector<SweptParameter> swept;
  std::vector<result::CheckResult> cells; // the last parameter changes fastest

  // The values of the swept parameters in that cell.
  [[nodiscard]] std::vector<std::string> values_of(std::size_t cell) const;
};

// `NAME=V1,V2` and `NAME=a..b` name several values, `NAME=V` one. InputError for an empty or a backward
// range, for a matrix of more than `most_cells`, and for whatever `resolve` refuses: all before the first
// check begins.
inline constexpr std::size_t most_cells = 10000;
[[nodiscard]] std::vector<SweptParameter> parse_sweep(const std::vector<std::string>& settings);

// `done` is told of each cell when it is there. A cell that a model error ends is unknown, with the error as
// the reason. An interruption leaves the remaining cells unknown.
[[nodiscard]] Sweep run_sweep(const Request& request, const CheckOptions& options,
                              const std::function<void(std::size_t cell, std::size_t of)>& done);

} // namespace tdxcheck::run
