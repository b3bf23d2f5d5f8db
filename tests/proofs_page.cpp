// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/proofs_page.h"

#include <sstream>
#include <vector>

#include "support/read_file.h"
#include "tests/verdicts_page.h"

namespace tdxcheck::tests {

bool ProofsRow::is_proved() const { return known_by.starts_with("by ") || known_by.starts_with("a proof"); }

std::map<std::string, ProofsSection> read_proofs_page() {
  std::map<std::string, ProofsSection> sections;
  ProofsSection* section = nullptr;
  std::istringstream lines(support::read_file(TDXCHECK_SOURCE_DIR "/examples/PROOFS.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) section = &sections[line.substr(3)];
    else if (section != nullptr && line.starts_with("For "))
      section->extent = line.substr(4, line.find(';') - 4);
    else if (section != nullptr && line.starts_with("| `")) {
      const auto cells = cells_of(line);
      section->rows[cells.at(0).substr(1, cells.at(0).size() - 2)] = {cells.at(1), cells.at(2)};
    }
  }
  return sections;
}

} // namespace tdxcheck::tests
