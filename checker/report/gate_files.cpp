// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/gate_files.h"

#include <algorithm>

namespace tdxcheck::report {

bool ChecksOfFile::met() const {
  return std::ranges::all_of(checks,
                             [](const auto* check) { return check->outcome == result::Outcome::met; });
}

std::vector<ChecksOfFile> by_file(const result::GateResult& gate) {
  std::vector<ChecksOfFile> files;
  for (const result::GateCheck& check : gate.checks) {
    if (files.empty() || files.back().file != check.file) files.push_back({check.file, {}});
    files.back().checks.push_back(&check);
  }
  return files;
}

} // namespace tdxcheck::report
