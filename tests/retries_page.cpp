// SPDX-License-Identifier: GPL-2.0-or-later
#include "retries_page.h"

#include <doctest/doctest.h>

#include <sstream>

#include "support/read_file.h"

namespace tdxcheck::tests {
namespace {

// "| a | b |" is {a, b}.
std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t at = line.find("| "); at != std::string::npos && at + 2 < line.size();) {
    const std::size_t end = line.find(" |", at + 1);
    cells.push_back(line.substr(at + 2, end - at - 2));
    at = end == std::string::npos ? end : end + 1;
  }
  return cells;
}

// "0 retries", "3", "5 to 15", "unlimited".
std::vector<std::string> retries_of(const std::string& head) {
  const std::size_t to = head.find(" to ");
  if (to == std::string::npos) return {head.substr(0, head.find(' '))};
  std::vector<std::string> all;
  for (int n = std::stoi(head); n <= std::stoi(head.substr(to + 4)); ++n) all.push_back(std::to_string(n));
  return all;
}

} // namespace

RetriesPage read_retries_page() {
  std::istringstream lines(support::read_file(TDXCHECK_SOURCE_DIR "/examples/SEPT_ZAP_RETRIES.md"));
  RetriesPage page;
  std::vector<std::string> head;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view where = "` is violated where `";
    if (const std::size_t at = line.find(where); line.starts_with("* `") && at != std::string::npos) {
      const std::size_t start = at + where.size();
      page.formulas[line.substr(3, at - 3)] = line.substr(start, line.find('`', start) - start);
    }
    if (!line.starts_with("| ")) continue;
    const auto row = columns(line);
    if (head.empty()) {
      head = row;
      continue;
    }
    REQUIRE(row.size() == head.size());
    for (std::size_t c = 2; c < row.size(); ++c) {
      const auto retries = retries_of(head[c]);
      const bool is_range = row[c].find(" to ") != std::string::npos;
      for (const std::string& n : retries)
        page.cells.push_back(
            {{{"retries", n}, {"kick", row[0]}, {"keep_out", row[1]}}, is_range ? "bug" : row[c]});
    }
  }
  return page;
}

} // namespace tdxcheck::tests
