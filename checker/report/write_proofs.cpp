// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_proofs.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/markdown_cell.h"
#include "report/quantities.h"

namespace tdxcheck::report {
namespace {

using result::ProvedProperty;
using result::Verdict;

constexpr const char* page_head =
    "# Proofs\n\n"
    "What `tdxcheck prove` decides about the default variant of every protocol, for every value of the "
    "integers\n"
    "that each section names (sizes of sets stay as they are), and how every claim of `VERDICTS.md` about it "
    "is\n"
    "known. Each proof was re-checked from its SMT-LIB text by a second encoding in a fresh solver; the time "
    "is\n"
    "that of finding it. *Instance* is the target's own parameters, searched to the end. Where a claim is "
    "not\n"
    "settled for every value, or not by a proof, the state is told that no lemma excluded when the time was "
    "up.\n\n"
    "Made by `tdxcheck verdicts --proofs examples/PROOFS.md`. Times, and what is settled in time, depend on "
    "the\n"
    "machine.\n";

std::string for_every(const result::ProveResult& proofs) {
  if (proofs.any.empty()) return "these sizes";
  return fmt::format("every {}", fmt::join(proofs.any, ", "));
}

struct Known {
  std::string holds_for, how;
  double seconds;
};

Known known(const result::PropertyResult& claim, const VerdictRow& row) {
  const auto found = std::ranges::find(row.proofs->properties, claim.name, &ProvedProperty::name);
  const Known searched{claim.verdict == Verdict::holds ? "the instance"
                                                       : std::string(result::name_of(claim.verdict)),
                       "search", row.result->seconds};
  if (found == row.proofs->properties.end() || claim.verdict == Verdict::violated) return searched;
  switch (found->verdict) {
  case Verdict::holds: return {for_every(*row.proofs), found->detail, found->seconds};
  case Verdict::violated:
    return {searched.holds_for, "search; not for every value: " + found->detail, found->seconds};
  case Verdict::unknown: break;
  }
  if (found->for_the_instance) return {"the instance", "a proof; " + found->detail, found->seconds};
  return {searched.holds_for, "search; no proof: " + found->detail, found->seconds};
}

std::string obstacles(const result::ProveResult& proofs) {
  std::string text;
  for (const ProvedProperty& property : proofs.properties)
    if (property.verdict == Verdict::unknown && !property.obstacle.empty())
      text += fmt::format("* `{}` is stopped {}\n", property.name, fmt::join(property.obstacle, "; "));
  return text.empty() ? text : "\n" + text;
}

std::string section_of(const VerdictRow& row) {
  std::string text = fmt::format("\n## {}@{}\n\nFor {}; the search has {} states and takes {}.\n\n"
                                 "| claim | holds for | known by | time |\n|---|---|---|--:|\n",
                                 row.protocol, row.variant->name, for_every(*row.proofs),
                                 grouped(row.result->states), as_duration(row.result->seconds));
  for (const auto& claim : row.result->properties) {
    const Known how = known(claim, row);
    text += fmt::format("| `{}` | {} | {} | {} |\n", claim.name, how.holds_for, markdown_cell(how.how),
                        as_duration(how.seconds));
  }
  return text + obstacles(*row.proofs);
}

} // namespace

std::string write_proofs_markdown(const std::vector<VerdictRow>& rows) {
  std::string text = page_head;
  for (const VerdictRow& row : rows)
    if (row.proofs != nullptr) text += section_of(row);
  return text;
}

} // namespace tdxcheck::report
