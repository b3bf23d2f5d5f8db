// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/diff.h"
#include "run/check_options.h"
#include "run/target.h"

#include <optional>
#include <string>

namespace tdxcheck::run {

// What is compared: two targets, or one before and after what is set. --set and --without are NEW's, --fair
// is both's.
struct DiffRequest {
  std::string base;
  std::optional<std::string> now; // none: `base` again
  std::vector<std::string> set = {}, without = {}, fair = {};
  bool runs = true; // compare the sequences of events, too

  [[nodiscard]] Request base_request() const { return {base, {}, {}, fair}; }
  [[nodiscard]] Request now_request() const { return {now.value_or(base), set, without, fair}; }
};

// Both targets as written: verdicts and states; then bounds of all loops, lock order and runs. The budgets
// are for all of it together. InputError where one target without --set or --without is compared with itself.
//
// A side with a model error says so, and nothing is compared.
[[nodiscard]] result::Diff run_diff(const DiffRequest& request, const CheckOptions& options);

} // namespace tdxcheck::run
