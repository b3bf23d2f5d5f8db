// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/validate.h"

#include "model/validation.h"

namespace tdxcheck::model {

std::vector<Problem> validate(const Model& model) {
  validation::Findings findings{model, {}};
  validation::check_tables(findings);
  // Where an Id leads nowhere there is nothing to check further, or to print.
  if (!findings.problems.empty()) return findings.problems;
  validation::check_declarations(findings);
  validation::check_threads(findings);
  validation::check_properties(findings);
  return findings.problems;
}

std::string describe(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "\n";
    if (!problem.source.file.empty())
      text += fmt::format("{}:{}: ", problem.source.file, problem.source.line);
    text += problem.text;
  }
  return text;
}

} // namespace tdxcheck::model
