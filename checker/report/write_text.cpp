// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_text.h"

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace tdxcheck::report {
namespace {

using result::PropertyResult;
using result::Verdict;

constexpr std::size_t never_margin = 14;
constexpr std::size_t most_named = 6; // of a list of what was never at stake, unless all is asked for

class TextReport {
public:
  TextReport(const result::CheckResult& result, const Subject& subject, const TextOptions& options)
      : result_(result), subject_(subject), options_(options) {}

  [[nodiscard]] std::string written() {
    if (!options_.brief) head();
    verdicts();
    if (!options_.brief) {
      violations();
      assumptions();
      never_at_stake();
      vacuous_by_wording();
    }
    last_lines();
    return text_;
  }

private:
  void line(const std::string& text, std::size_t hanging = 4) {
    for (const std::string& part : wrap(text, options_.width, hanging)) text_ += part + "\n";
  }

  void head() {
    line(subject_.summary.empty() ? result_.target : result_.target + ": " + subject_.summary);
    if (!subject_.changed.empty()) line(fmt::format("  with {}", fmt::join(subject_.changed, ", ")));
    if (!result_.without.empty()) line(fmt::format("  without {}", fmt::join(result_.without, ", ")));
    line("  " + subject_.sizes);
    text_ += "\n";
  }

  // Painted after it was laid out: escape sequences have no width.
  void verdicts() {
    std::size_t longest = 0;
    for (const auto& property : result_.properties) longest = std::max(longest, width_of(property.name));
    longest = std::min(longest, options_.width / 3);
    constexpr std::size_t word = 8; // "violated"
    const std::size_t indent = word + 2 + longest + 2;
    for (const PropertyResult& property : result_.properties) {
      const std::string verdict(name_of(property.verdict));
      const auto details = wrap(property.detail, options_.width - indent);
      text_ += painted(property.verdict, padded(verdict, word), options_.color) + "  " +
               without_trailing_spaces(padded(property.name, longest) + "  " + details.front()) + "\n";
      for (std::size_t i = 1; i < details.size(); ++i) text_ += std::string(indent, ' ') + details[i] + "\n";
    }
    if (result_.properties.empty()) text_ += "nothing is claimed\n";
  }

  void violations() {
    std::vector<std::string> not_shown;
    bool shown = false;
    for (const PropertyResult& property : result_.properties) {
      if (property.verdict != Verdict::violated) continue;
      if (!shown || options_.all) violation(property);
      else not_shown.push_back(property.name);
      shown = true;
    }
    if (!not_shown.empty()) text_ += "\n";
    for (const std::string& name : not_shown)
      line(fmt::format("{} is violated too; `--property {}` shows how, `--all` shows all", name, name));
  }

  void violation(const PropertyResult& property) {
    const std::string steps =
        property.trace ? fmt::format(", {}", counted(property.trace->steps.size(), "step")) : "";
    text_ += "\n";
    line(fmt::format("{} is violated{}", property.name, steps));
    for (const std::string& evidence : property.evidence) line("  " + evidence);
    if (property.trace) text_ += "\n" + render_table(*property.trace, options_.width, subject_.chosen);
    for (const result::Trace& path : property.paths)
      text_ += "\n" + render_table(path, options_.width, subject_.chosen);
  }

  void assumptions() {
    std::vector<std::string> all;
    for (const PropertyResult& property : result_.properties)
      for (const std::string& assumption : property.assumptions)
        if (std::ranges::find(all, assumption) == all.end()) all.push_back(assumption);
    if (all.empty()) return;
    text_ += "\nWhat holds was judged assuming\n";
    for (const std::string& assumption : all) line("  - " + assumption);
  }

  // Of a search that stopped early this would only say how far it came.
  void never_at_stake() {
    const result::Vacuity& vacuity = result_.vacuity;
    if (!result_.complete || (vacuity.unreached_labels.empty() && vacuity.unreached_steps.empty() &&
                              vacuity.idle_guards.empty() && vacuity.vacuous_properties.empty()))
      return;
    text_ += "\nNever at stake in any run\n";
    names("labels", result_.vacuity.unreached_labels);
    names("steps", steps_at_reached_labels());
    names("guards", result_.vacuity.idle_guards);
    names("properties", result_.vacuity.vacuous_properties);
  }

  void vacuous_by_wording() {
    if (result_.vacuity.by_wording.empty()) return;
    text_ += "\nVacuous by their wording, whatever the protocol does\n";
    for (const result::VacuousClaim& claim : result_.vacuity.by_wording)
      line(fmt::format("  {}: {}", claim.property, in_words(claim)), 4);
  }

  // That the steps of a label are not taken which is not reached goes without saying.
  [[nodiscard]] std::vector<std::string> steps_at_reached_labels() const {
    std::vector<std::string> steps;
    for (const std::string& step : result_.vacuity.unreached_steps)
      if (std::ranges::none_of(result_.vacuity.unreached_labels,
                               [&](const std::string& label) { return step.starts_with(label + ":"); }))
        steps.push_back(step);
    return steps;
  }

  void names(const std::string& kind, const std::vector<std::string>& all) {
    const std::size_t shown = options_.all ? all.size() : std::min(all.size(), most_named);
    for (std::size_t i = 0; i < shown; ++i)
      line(padded(i == 0 ? "  " + kind : "", never_margin) + all[i], never_margin + 2);
    if (shown < all.size())
      line(padded("", never_margin) + fmt::format("and {} more (--all)", all.size() - shown));
  }

  // What was left out of the search, and what was not.
  void engine() {
    const result::EngineInfo& engine = result_.engine;
    if (options_.brief) return;
    if (engine.partial_order) line("partial-order reduction: on", 2);
    if (!engine.no_partial_order_because.empty())
      line("partial-order reduction: off; " + engine.no_partial_order_because, 2);
  }

  void last_lines() {
    const std::string far = result_.complete ? "complete" : "incomplete: " + result_.incomplete_because;
    text_ += options_.brief ? "" : "\n";
    if (!options_.brief && !result_.engine.no_symmetry_because.empty())
      line(fmt::format("{}: {}", result_.engine.symmetry ? "kept apart" : "symmetry is not used",
                       result_.engine.no_symmetry_because));
    const std::string verdict(name_of(result_.verdict));
    std::string summary =
        fmt::format("{} ({}); {}{}, {}, depth {}, {}, {}", verdict, far, counted(result_.states, "state"),
                    up_to_symmetry(), counted(result_.transitions, "transition"), result_.depth,
                    as_duration(result_.seconds), as_memory(result_.peak_memory_bytes));
    if (!result_.engine.by_bytecode.empty() && !options_.brief)
      line(fmt::format("{} too wide for tables, run by bytecode (--json names them)",
                       result_.engine.by_bytecode.size() == 1
                           ? "1 step is"
                           : fmt::format("{} steps are", result_.engine.by_bytecode.size())));
    const std::size_t start = text_.size();
    line(summary);
    engine();
    text_.replace(start, verdict.size(), painted(result_.verdict, verdict, options_.color));
    text_ += "reproduce: " + result_.reproduce + "\n"; // one line, however long: it is to be copied
  }

  // " up to symmetry of vcpu (3)"
  [[nodiscard]] std::string up_to_symmetry() const {
    if (!result_.engine.symmetry) return {};
    return fmt::format(" up to symmetry of {}", fmt::join(result_.engine.symmetric_sets, ", "));
  }

  const result::CheckResult& result_;
  const Subject& subject_;
  const TextOptions& options_;
  std::string text_;
};

} // namespace

std::string painted(Verdict verdict, const std::string& text, bool color) {
  if (!color) return text;
  const int code = verdict == Verdict::holds ? 32 : verdict == Verdict::violated ? 31 : 33;
  return fmt::format("\033[1;{}m{}\033[0m", code, text);
}

std::string write_text(const result::CheckResult& result, const Subject& subject,
                       const TextOptions& options) {
  return TextReport(result, subject, options).written();
}

std::string write_text(const result::ModelError& error, std::size_t width) {
  std::string text;
  for (const std::string& line : wrap("model error: " + error.text, width, 2)) text += line + "\n";
  return text + "\n" + render_table(error.trace, width);
}

} // namespace tdxcheck::report
