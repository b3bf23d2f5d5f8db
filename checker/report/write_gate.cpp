// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_gate.h"

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::report {
namespace {

using result::Expectation;
using result::GateCheck;
using result::GateResult;
using result::Outcome;
using result::Verdict;

constexpr std::size_t outcome_width = 19; // "unexpectedly broken"
constexpr std::size_t most_runs = 5;      // shown in full, unless all are asked for

Verdict color_of(Outcome outcome) {
  if (outcome == Outcome::met) return Verdict::holds;
  return outcome == Outcome::unknown ? Verdict::unknown : Verdict::violated;
}

std::string verb(Verdict verdict) {
  switch (verdict) {
  case Verdict::holds: return "holds";
  case Verdict::violated: return "is violated";
  case Verdict::unknown: return "is not decided";
  }
  return "is not decided";
}

std::string what_was_met(const GateCheck& check) {
  const auto met = [&](Verdict verdict) {
    return std::ranges::count_if(check.expectations, [&](const auto& e) { return e.found == verdict; });
  };
  std::vector<std::string> parts;
  if (met(Verdict::holds) > 0) parts.push_back(fmt::format("{} hold", met(Verdict::holds)));
  if (met(Verdict::violated) > 0) parts.push_back(fmt::format("{} violated", met(Verdict::violated)));
  return fmt::format("{} as expected", fmt::join(parts, ", "));
}

std::vector<std::string> undecided_of(const GateCheck& check) {
  std::vector<std::string> names;
  for (const Expectation& e : check.expectations)
    if (e.outcome() == Outcome::unknown) names.push_back(e.property);
  return names;
}

std::string what_was_not(const GateCheck& check) {
  if (!check.error.empty()) return check.error.substr(0, check.error.find('\n'));
  std::vector<std::string> parts;
  for (const Expectation& e : check.expectations)
    if (e.outcome() == Outcome::broken || e.outcome() == Outcome::fixed)
      parts.push_back(fmt::format("{} {}, expected {}", e.property, verb(e.found), name_of(e.expected)));
  const std::size_t undecided = undecided_of(check).size();
  if (undecided > 0)
    parts.push_back(
        fmt::format("{} of {} not decided: {}", undecided, check.expectations.size(), why_undecided(check)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string cost(const GateCheck& check) {
  return fmt::format(" ({}{})", check.result.states > 0 ? grouped(check.result.states) + " states, " : "",
                     check.cached ? "kept" : as_duration(check.seconds));
}

// A run that breaks the expectation, with who waits for whom where there is more to say.
std::string run_of(const result::PropertyResult& property, std::size_t width) {
  std::string text;
  for (const std::string& line : property.evidence) text += "    " + line + "\n";
  if (property.trace) text += "\n" + render_table(*property.trace, width);
  return text;
}

std::string failure(const GateCheck& check, const TextOptions& options, std::size_t& runs) {
  std::string text =
      fmt::format("\n{}\n  {}:{}: {}\n", painted(color_of(check.outcome), check.name, options.color),
                  check.file, check.line, name_of(check.outcome));
  if (!check.error.empty()) text += "  " + check.error + "\n";
  for (const Expectation& expectation : check.expectations) {
    const Outcome outcome = expectation.outcome();
    if (!check.error.empty() || outcome == Outcome::met || outcome == Outcome::unknown) continue;
    text += "  " + describe_unmet(check, expectation) + "\n";
    const auto* property = check.property(expectation.property);
    if (outcome != Outcome::broken || property == nullptr || options.brief) continue;
    if (options.all || runs < most_runs) text += run_of(*property, options.width);
    else if (runs == most_runs)
      text += "  (further runs are left out; --all shows them, --artifacts keeps them)\n";
    ++runs;
  }
  if (const auto undecided = undecided_of(check); check.error.empty() && !undecided.empty())
    text += fmt::format("  not decided, because {}: {}\n", why_undecided(check), fmt::join(undecided, ", "));
  return text + "  reproduce: " + check.reproduce + "\n";
}

} // namespace

std::string why_undecided(const GateCheck& check) {
  if (!check.error.empty()) return check.error;
  if (!check.result.incomplete_because.empty()) return check.result.incomplete_because;
  // The search came to its end, and what had to be found out about its graph did not.
  for (const Expectation& expectation : check.expectations)
    if (const auto* property = check.property(expectation.property);
        property != nullptr && expectation.outcome() == Outcome::unknown && !property->detail.empty())
      return property->detail;
  return "no reason was given";
}

std::string describe_unmet(const GateCheck& check, const Expectation& expectation) {
  const auto* property = check.property(expectation.property);
  const std::string found = fmt::format("`{}` {}", expectation.property, verb(expectation.found));
  switch (expectation.outcome()) {
  case Outcome::fixed:
    return fmt::format("{}, where {} expects it violated: if that is what the change is for, say so there",
                       found, check.file);
  case Outcome::broken:
    return fmt::format("{}, expected to hold{}", found,
                       property != nullptr && !property->detail.empty() ? ": " + property->detail : "");
  default:
    return fmt::format("{}: {} (expected: {})", found, why_undecided(check), name_of(expectation.expected));
  }
}

std::string gate_line(const GateCheck& check, bool color) {
  const std::string outcome = padded(name_of(check.outcome), outcome_width);
  const std::string what = check.outcome == Outcome::met ? what_was_met(check) : what_was_not(check);
  return fmt::format("{}  {}: {}{}\n", painted(color_of(check.outcome), outcome, color), check.name, what,
                     cost(check));
}

std::string gate_sum(const GateResult& gate) {
  std::string text = counted(gate.checks.size(), "check") + ":";
  const char* between = " ";
  for (const Outcome outcome : {Outcome::met, Outcome::broken, Outcome::fixed, Outcome::unknown,
                                Outcome::bad_input, Outcome::our_own_bug}) {
    if (gate.count(outcome) == 0) continue;
    text += fmt::format("{}{} {}", between, gate.count(outcome), name_of(outcome));
    between = ", ";
  }
  return text;
}

std::string write_gate(const GateResult& gate, const TextOptions& options) {
  std::string text;
  std::size_t runs = 0;
  for (const GateCheck& check : gate.checks)
    if (check.outcome != Outcome::met) text += failure(check, options, runs);
  text += fmt::format("{}{}", text.empty() ? "" : "\n",
                      painted(color_of(gate.worst()), gate_sum(gate), options.color));
  if (gate.from_cache() > 0) text += fmt::format("; {} kept from before", gate.from_cache());
  text += fmt::format("; {}\n", as_duration(gate.seconds));
  if (gate.interrupted) text += "interrupted: what had not finished is unknown\n";
  return text + "reproduce: " + gate.reproduce + "\n";
}

} // namespace tdxcheck::report
