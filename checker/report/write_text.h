// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "report/subject.h"
#include "result/verdict.h"

#include <cstddef>
#include <string>

namespace tdxcheck::report {

struct TextOptions {
  bool color = false;
  bool all = false;   // every violation's run in full, and all that was never at stake
  bool brief = false; // verdicts and the last lines only
  std::size_t width = 100;
};

// The report on the terminal, or in a mail: plain, verdicts first, the line that reproduces it last.
[[nodiscard]] std::string write_text(const result::CheckResult& result, const Subject& subject,
                                     const TextOptions& options);

// A run out of a declared range: what happened, and the path.
[[nodiscard]] std::string write_text(const result::ModelError& error, std::size_t width = 100);

// "holds", in green where colours are allowed; violated red, unknown yellow.
[[nodiscard]] std::string painted(result::Verdict verdict, const std::string& text, bool color);

} // namespace tdxcheck::report
