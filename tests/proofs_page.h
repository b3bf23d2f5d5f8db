// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// examples/PROOFS.md, read back.

#include <map>
#include <string>

namespace tdxcheck::tests {

struct ProofsRow {
  std::string holds_for, known_by;
  [[nodiscard]] bool is_proved() const;
};

struct ProofsSection {
  std::string extent;                    // "every retries >= 0", "these sizes"
  std::map<std::string, ProofsRow> rows; // by claim
};

// By PROTOCOL@VARIANT.
[[nodiscard]] std::map<std::string, ProofsSection> read_proofs_page();

} // namespace tdxcheck::tests
