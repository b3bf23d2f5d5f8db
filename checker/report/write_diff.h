// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What NEW changes against BASE: short enough for a mail, as tables for a web page, and for programs.

#include "result/diff.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace tdxcheck::report {

// "regression", "different", "unknown" or "the same"
[[nodiscard]] std::string outcome_of(const result::Diff& diff);

struct DiffText {
  std::size_t width = 100;
  bool color = false;
  bool brief = false; // without the run behind a new sequence
};
[[nodiscard]] std::string write_diff_text(const result::Diff& diff, const DiffText& options);
[[nodiscard]] std::string write_diff_markdown(const result::Diff& diff);
[[nodiscard]] nlohmann::ordered_json diff_to_json(const result::Diff& diff); // tdxcheck/diff/1

} // namespace tdxcheck::report
