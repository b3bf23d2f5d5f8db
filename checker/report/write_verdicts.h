// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was decided about every variant: one section a protocol, one row a variant. A violated claim says
// after how many steps at the earliest, where its evidence is a path.

#include "model/model.h"
#include "result/prove_result.h"
#include "result/spin_answer.h"
#include "result/verdict.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::report {

struct VerdictRow {
  std::string protocol;
  const model::Variant* variant = nullptr;
  const result::CheckResult* result = nullptr;
  const result::SpinAnswer* spin = nullptr;    // where it was asked: for all rows or for none
  const result::ProveResult* proofs = nullptr; // where there are some
};

// A page, with the findings written out under each protocol's table. No times but of proofs: the same
// verdicts are the same text.
[[nodiscard]] std::string write_verdicts_markdown(const std::vector<VerdictRow>& rows);
// The row of one variant in that page, without the line's end.
[[nodiscard]] std::string verdict_line(const VerdictRow& row);

[[nodiscard]] std::string write_verdicts_text(const std::vector<VerdictRow>& rows, std::size_t width);

} // namespace tdxcheck::report
