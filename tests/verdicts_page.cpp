// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/verdicts_page.h"

#include "support/read_file.h"

#include <sstream>

namespace tdxcheck::tests {
namespace {

std::uint64_t number_in(const std::string& cell) {
  std::uint64_t number = 0;
  for (const char c : cell.substr(0, cell.find(' ')))
    if (c >= '0' && c <= '9') number = 10 * number + static_cast<std::uint64_t>(c - '0');
  return number;
}

std::vector<std::string> in_backticks(const std::string& cell) {
  std::vector<std::string> names;
  for (std::size_t begin = cell.find('`'); begin != std::string::npos;) {
    const std::size_t end = cell.find('`', begin + 1);
    names.push_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return names;
}

} // namespace

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 2; i < line.size(); ++i) {
    if (line[i] == '|' && line[i - 1] != '\\') {
      cells.push_back(cell.substr(0, cell.empty() ? 0 : cell.size() - 1));
      cell.clear();
      ++i;
    } else cell += line[i];
  }
  return cells;
}

std::map<std::string, VerdictsSection> read_verdicts_page() {
  std::map<std::string, VerdictsSection> sections;
  VerdictsSection* section = nullptr;
  std::istringstream lines(support::read_file(TDXCHECK_SOURCE_DIR "/examples/VERDICTS.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) section = &sections[line.substr(3)];
    else if (section == nullptr || line.starts_with("| variant |") || line.starts_with("|--")) continue;
    else if (line.starts_with("| ")) {
      const auto cells = cells_of(line);
      section->variants.push_back(cells.at(0));
      section->row[cells.at(0)] = {line, number_in(cells.at(1)), number_in(cells.at(2)),
                                   in_backticks(cells.at(4))};
    } else if (line.starts_with("**")) section->findings.push_back(line);
  }
  return sections;
}

} // namespace tdxcheck::tests
