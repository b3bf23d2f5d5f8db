// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Z3's own command line, for what we write in SMT-LIB.

#include <string>
#include <vector>

namespace tdxcheck::tests {

[[nodiscard]] bool z3_is_installed();

// The lines that it answers with; an error or a warning of Z3's is among them.
[[nodiscard]] std::vector<std::string> answers_of_z3(const std::string& smt2, int seconds = 20);

} // namespace tdxcheck::tests
