// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// examples/VERDICTS.md, read back.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tdxcheck::tests {

struct VerdictsRow {
  std::string line;
  std::uint64_t states = 0;
  std::uint64_t spin_states = 0;
  std::vector<std::string> holds; // names of claims
};

// The rows by variant, in order, and the paragraphs of findings.
struct VerdictsSection {
  std::vector<std::string> variants;
  std::map<std::string, VerdictsRow> row;
  std::vector<std::string> findings;
};

// By protocol.
[[nodiscard]] std::map<std::string, VerdictsSection> read_verdicts_page();

// A line of a table: "| a | b |" -> a, b; a bar within a cell is written \|.
[[nodiscard]] std::vector<std::string> cells_of(const std::string& line);

} // namespace tdxcheck::tests
