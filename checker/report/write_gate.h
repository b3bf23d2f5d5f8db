// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A gate on the terminal: a line for each check as it finishes, then what was not met, and the sum.

#include "report/write_text.h"
#include "result/gate.h"

#include <string>

namespace tdxcheck::report {

// "met                  sept_zap@landed: 13 hold, 1 violated; 1,299,202 states, 5.0 s"
[[nodiscard]] std::string gate_line(const result::GateCheck& check, bool color);

// What was not met, with runs and the lines that reproduce them; the sum; the line that reproduces it all.
[[nodiscard]] std::string write_gate(const result::GateResult& gate, const TextOptions& options);

// "42 checks: 40 met, 1 unexpectedly broken, 1 unknown"
[[nodiscard]] std::string gate_sum(const result::GateResult& gate);

// What is wrong, in one line: "no_kvm_bug: violated, expected to hold: …".
[[nodiscard]] std::string describe_unmet(const result::GateCheck& check,
                                         const result::Expectation& expectation);
// Of a check without a result, or one that was not decided: why.
[[nodiscard]] std::string why_undecided(const result::GateCheck& check);

} // namespace tdxcheck::report
