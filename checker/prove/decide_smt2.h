// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A file in SMT-LIB, decided by a fresh solver that knows nothing but its text.

#include <string>
#include <vector>

namespace tdxcheck::prove {

enum class Satisfiable { yes, no, unknown };

struct Decisions {
  std::vector<Satisfiable> answers; // one per (check-sat)
  std::string complaint;            // what the solver could not read; empty if there is nothing
};

// `seconds` for each question; 0: as long as it takes.
[[nodiscard]] Decisions decide_smt2(const std::string& text, unsigned seconds);

} // namespace tdxcheck::prove
