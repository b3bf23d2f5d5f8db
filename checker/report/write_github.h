// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A gate for GitHub Actions: workflow commands that annotate the lines of a pull request, and a job summary.

#include "result/gate.h"

#include <string>

namespace tdxcheck::report {

// One `::error file=…,line=…,title=…::…` for each expectation that is not met; nothing where all are.
[[nodiscard]] std::string write_github_annotations(const result::GateResult& gate);

// Markdown: the sum, a table of the checks, and each run that breaks an expectation.
[[nodiscard]] std::string write_github_summary(const result::GateResult& gate);

} // namespace tdxcheck::report
