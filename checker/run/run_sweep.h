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
  std::size_t computed = 0; // cells that were checked; the model of the others is that of one of these
  std::string reproduce;

  // The values of the swept parameters in that cell.
  [[nodiscard]] std::vector<std::string> values_of(std::size_t cell) const;
};

// `NAME=V1,V2` and `NAME=a..b` name several values, `NAME=V` one. InputError for an empty or a backward
// range, for a matrix of more than `most_cells`, and for whatever `resolve` refuses: all before the first
// check begins.
inline constexpr std::size_t most_cells = 10000;
[[nodiscard]] std::vector<SweptParameter> parse_sweep(const std::vector<std::string>& settings);

// The model is built once; cells that fold to the same model are checked once; `options.workers` cells are
// checked at a time (0: as many as there are cores), each by one worker. Without a memory budget they share
// what is free. `done` is told of each cell when it is there, of one at a time, in no order. A cell that a
// model error ends is unknown, with the error as the reason. An interruption leaves what remains unknown.
[[nodiscard]] Sweep run_sweep(const Request& request, const CheckOptions& options,
                              const std::function<void(std::size_t cell, std::size_t of)>& done);

// Of checks that run so many at a time: with one worker each, where there are several, and their share of
// what is free where no budget is set.
[[nodiscard]] CheckOptions options_of_one(const CheckOptions& options, unsigned at_once);

} // namespace tdxcheck::run
