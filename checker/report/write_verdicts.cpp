// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_verdicts.h"

#include "report/columns.h"
#include "report/markdown_cell.h"
#include "report/quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace tdxcheck::report {
namespace {

constexpr const char* about_proofs =
    "What holds, holds for the instance: the sizes and limits that `tdxcheck show` names, each state of "
    "which\n"
    "was searched. Of a protocol's default variant `tdxcheck prove` was asked for more; where a claim is "
    "*proved\n"
    "for every* value of some integer, however large, or once more for these sizes by an invariant that was\n"
    "re-checked, it says so, and in what time. `PROOFS.md` says how, and what was in the way of the "
    "others.\n\n";

constexpr const char* page_head =
    "# Verdicts\n\n"
    "What the checker decides about every variant of every protocol, each searched to the end in the states\n"
    "of its written model (`--as-written`). The number behind a violated claim is the length of its "
    "shortest\n"
    "run. `tdxcheck list` says where a variant comes from, `tdxcheck check PROTOCOL@VARIANT` shows the "
    "runs.\n\n"
    "{}Made by `tdxcheck verdicts{} --as markdown{}`; the tests hold this page and the checker equal.{}\n";

std::vector<std::string> claims_that(const result::CheckResult& result, result::Verdict verdict) {
  std::vector<std::string> names;
  for (const auto& property : result.properties) {
    if (property.verdict != verdict) continue;
    const bool path = property.trace && verdict == result::Verdict::violated && !property.trace->loop;
    names.push_back(path ? fmt::format("{} ({})", property.name, property.trace->steps.size())
                         : property.name);
  }
  return names;
}

// What was proved of a claim that holds: for which values, and in what time.
std::string with_its_proof(const std::string& name, const result::ProveResult& proofs) {
  const auto proved = std::ranges::find(proofs.properties, name, &result::ProvedProperty::name);
  if (proved == proofs.properties.end()) return name;
  const std::string time = as_duration(proved->seconds);
  if (proved->verdict == result::Verdict::violated) return fmt::format("{} (not for every value)", name);
  if (proved->verdict != result::Verdict::holds)
    return proved->for_the_instance ? fmt::format("{} (proved for these sizes, {})", name, time) : name;
  return proofs.any.empty()
             ? fmt::format("{} (proved for these sizes, {})", name, time)
             : fmt::format("{} (proved for every {}, {})", name, fmt::join(proofs.any, ", "), time);
}

std::string size_of(const result::CheckResult& result) {
  if (result.complete) return grouped(result.states);
  return fmt::format("{} ({})", grouped(result.states), result.incomplete_because);
}

std::string cell(const std::string& text) { return text.empty() ? "–" : markdown_cell(text); }

std::string code_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) {
    const auto space = name.find(' ');
    quoted.push_back("`" + name.substr(0, space) + "`" +
                     (space == std::string::npos ? "" : name.substr(space)));
  }
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string spin_cell(const result::SpinAnswer& spin) {
  return spin.incomplete_because.empty() ? grouped(spin.states)
                                         : fmt::format("({})", spin.incomplete_because);
}

std::string section_of(const std::vector<VerdictRow>& rows) {
  const bool spin = rows.front().spin != nullptr;
  std::string text = fmt::format("\n## {}\n\n| variant | states |{} violated | holds | expected by its "
                                 "authors |\n|---|--:|{}---|---|---|\n",
                                 rows.front().protocol, spin ? " by SPIN |" : "", spin ? "--:|" : "");
  for (const auto& row : rows) text += verdict_line(row) + "\n";
  for (const auto& row : rows)
    if (!row.variant->finding.empty())
      text += fmt::format("\n**{}**: {}\n", row.variant->name, row.variant->finding);
  return text;
}

} // namespace

std::string verdict_line(const VerdictRow& row) {
  using enum result::Verdict;
  std::string violated_claims = code_names(claims_that(*row.result, violated));
  const auto unknown_claims = claims_that(*row.result, unknown);
  if (!unknown_claims.empty()) {
    if (!violated_claims.empty()) violated_claims += "; ";
    violated_claims += "unknown: " + code_names(unknown_claims);
  }
  std::vector<std::string> held = claims_that(*row.result, holds);
  if (row.proofs != nullptr)
    for (std::string& name : held) name = with_its_proof(name, *row.proofs);
  return fmt::format("| {} | {} |{} {} | {} | {} |", row.variant->name, cell(size_of(*row.result)),
                     row.spin != nullptr ? " " + spin_cell(*row.spin) + " |" : "", cell(violated_claims),
                     cell(code_names(held)), cell(row.variant->expected));
}

std::string write_verdicts_markdown(const std::vector<VerdictRow>& rows) {
  const bool spin = !rows.empty() && rows.front().spin != nullptr;
  const bool proofs = std::ranges::any_of(rows, [](const auto& row) { return row.proofs != nullptr; });
  std::string text = fmt::format(page_head, proofs ? about_proofs : "", spin ? " --spin" : "",
                                 proofs ? " --proofs examples/PROOFS.md" : "",
                                 spin ? " *By SPIN* is\nhow many states SPIN stores of the same variant, as "
                                        "`tdxcheck export --as promela` writes it."
                                      : "");
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end =
        std::find_if(begin, rows.end(), [&](const auto& row) { return row.protocol != begin->protocol; });
    text += section_of({begin, end});
    begin = end;
  }
  return text;
}

std::string write_verdicts_text(const std::vector<VerdictRow>& rows, std::size_t width) {
  const bool spin = !rows.empty() && rows.front().spin != nullptr;
  Table table{{{"variant", 12}, {"verdict", 8}, {"states", 8}, {"time", 6}, {"violated", 20}}, {}};
  if (spin) table.columns.insert(table.columns.begin() + 3, {"by SPIN", 8});
  for (const auto& row : rows) {
    table.rows.push_back(
        {{row.protocol + "@" + row.variant->name},
         {std::string(result::name_of(row.result->verdict))},
         {size_of(*row.result)},
         {as_duration(row.result->seconds)},
         {fmt::format("{}", fmt::join(claims_that(*row.result, result::Verdict::violated), ", "))}});
    auto& cells = table.rows.back();
    if (spin) cells.insert(cells.begin() + 3, {spin_cell(*row.spin)});
  }
  return render(table, width);
}

} // namespace tdxcheck::report
