// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a worst case answers.

#include "result/verdict.h"

namespace tdxcheck::result {

enum class BoundAnswer { number, no_bound_fair_runs_leave, no_bound_fair_run_stays, unknown };

[[nodiscard]] std::string_view name_of(BoundAnswer answer);

struct BoundResult {
  std::string target;
  Names parameters;
  std::vector<std::string> without;
  std::string loop; // as it was asked for
  std::string cost; // retries, seamcalls, ipis, cycles
  std::string per;  // loop, operation
  BoundAnswer answer = BoundAnswer::unknown;
  std::int64_t value = 0;       // of a number
  std::string thread;           // whose worst case it is
  std::string detail;           // one line
  std::optional<Trace> witness; // a path that attains it; a cycle that adds; a fair lasso that never leaves
  bool complete = false;
  std::string incomplete_because;
  std::uint64_t states = 0, transitions = 0;
  double seconds = 0;
  std::optional<ModelError> model_error;
  std::string reproduce;
};

} // namespace tdxcheck::result
