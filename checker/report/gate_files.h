// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result/gate.h"

#include <string>
#include <vector>

namespace tdxcheck::report {

// The checks of a gate by the file that asks for them, in the order of the files: what CI systems call a
// suite.
struct ChecksOfFile {
  std::string file;
  std::vector<const result::GateCheck*> checks;

  [[nodiscard]] bool met() const;
};

[[nodiscard]] std::vector<ChecksOfFile> by_file(const result::GateResult& gate);

} // namespace tdxcheck::report
