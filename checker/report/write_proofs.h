// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was proved of the default variants: a section for each, in which every claim says for which values it
// holds, how that is known, and in what time; and what was in the way of those that were not settled.

#include <string>
#include <vector>

#include "report/write_verdicts.h"

namespace tdxcheck::report {

// Of the rows that have proofs.
[[nodiscard]] std::string write_proofs_markdown(const std::vector<VerdictRow>& rows);

} // namespace tdxcheck::report
