// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// examples/SEPT_ZAP_RETRIES.md, read back: the cells of its table, and the formulas of its list.

#include <map>
#include <string>
#include <vector>

namespace tdxcheck::tests {

struct RetriesCell {
  std::map<std::string, std::string> at; // retries, kick, keep_out
  std::string says; // "bug (12)", "endless"; "bug" where the page has but a range of lengths
};

struct RetriesPage {
  std::vector<RetriesCell> cells;
  std::map<std::string, std::string> formulas; // by claim
};

[[nodiscard]] RetriesPage read_retries_page();

} // namespace tdxcheck::tests
