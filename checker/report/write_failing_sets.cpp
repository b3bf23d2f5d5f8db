// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_failing_sets.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/columns.h"
#include "report/quantities.h"

namespace tdxcheck::report {
namespace {

using result::Corners;
using result::FailingSet;
using result::SimplifiedSweep;
using result::SweptValues;
using Json = nlohmann::ordered_json;

std::string name_of(const FailingSet& set) { return set.claim.empty() ? "any claim" : set.claim; }

// "0..16, unlimited"
std::string in_runs(const SweptValues& swept) {
  std::string text;
  const auto& values = swept.values;
  for (std::size_t v = 0; v < values.size();) {
    std::size_t last = v;
    while (swept.is_ordered && last + 1 < values.size() && values[last + 1] != "unlimited" &&
           std::stoll(values[last + 1]) == std::stoll(values[last]) + 1)
      ++last;
    if (last < v + 2) last = v; // "0, 1" is no longer than "0..1"
    text += (text.empty() ? "" : ", ") + (last == v ? values[v] : values[v] + ".." + values[last]);
    v = last + 1;
  }
  return text;
}

std::string verdict_in_words(const FailingSet& set) {
  if (!set.where)
    return fmt::format("violated in {}, too irregularly for a formula", counted(set.violated, "cell"));
  if (set.violated + set.holds == 0) return "not decided anywhere";
  if (set.violated == 0) return set.undecided == 0 ? "never violated" : "not violated where it was decided";
  if (set.holds == 0) return set.undecided == 0 ? "always violated" : "violated wherever it was decided";
  return "violated where " + text_of(*set.where);
}

// Each part is a line of its own where there is room for that.
std::vector<std::string> parts_of(const FailingSet& set) {
  std::vector<std::string> parts = {verdict_in_words(set)};
  if (set.where && set.where->size() > 1 && set.holds > 0) {
    parts = {"violated where " + text_of(set.where->front())};
    for (std::size_t i = 1; i < set.where->size(); ++i) parts.push_back("or " + text_of((*set.where)[i]));
  }
  return parts;
}

std::string rest_of(const FailingSet& set) {
  std::string text;
  if (set.not_claimed > 0)
    text += "; claimed only where " + (set.claimed ? text_of(*set.claimed) : "the matrix says so");
  if (set.undecided > 0 && set.violated + set.holds > 0)
    text += "; not decided, and nothing said of it, where " +
            (set.open ? text_of(*set.open) : "the matrix says so");
  if (set.where && !set.is_shortest) text += " (there may be a shorter formula)";
  return text;
}

std::string in_words(const FailingSet& set) { return verdict_in_words(set) + rest_of(set); }

std::string worth_of(const Corners& corners) {
  if (corners.cells == 0) return "";
  std::string text =
      fmt::format("{} at the corners of these terms: {} explored again as written, with the same verdicts",
                  counted(corners.cells, "cell"), corners.confirmed);
  if (corners.by_reference > 0)
    text += fmt::format(", {} of them by the reference interpreter as well", corners.by_reference);
  if (corners.unfinished > 0) text += fmt::format("; {} not finished", corners.unfinished);
  if (corners.left_out > 0) text += fmt::format("; {} left out", corners.left_out);
  return text + ".";
}

bool names_unlimited(const SimplifiedSweep& simplified) {
  return std::ranges::any_of(simplified.over, [](const SweptValues& swept) {
    return swept.is_ordered && std::ranges::count(swept.values, "unlimited") > 0;
  });
}

std::string head_of(const SimplifiedSweep& simplified) {
  std::string text = fmt::format("Over {}; nothing is said of other values", domain_of(simplified.over));
  if (names_unlimited(simplified)) text += ", and `unlimited` is more than any number";
  return text;
}

Json comparison_to_json(const result::Comparison& comparison) {
  const bool is_range = comparison.relation == result::Relation::between;
  return {{"parameter", comparison.parameter},
          {"relation", is_range ? "in range" : symbol_of(comparison.relation)},
          {"values", comparison.values}};
}

Json terms_of(const result::Formula& formula) {
  Json terms = Json::array();
  for (const result::Conjunction& conjunction : formula) {
    Json term = Json::array();
    for (const result::Comparison& comparison : conjunction) term.push_back(comparison_to_json(comparison));
    terms.push_back(std::move(term));
  }
  return terms;
}

Json to_json(const FailingSet& set) {
  const auto text_or_null = [](const std::optional<result::Formula>& formula) {
    return formula ? Json(text_of(*formula)) : Json(nullptr);
  };
  Json json{{"claim", set.claim.empty() ? Json(nullptr) : Json(set.claim)},
            {"violated", set.violated},
            {"holds", set.holds},
            {"undecided", set.undecided},
            {"not_claimed", set.not_claimed},
            {"violated_where", text_or_null(set.where)}};
  if (set.where) {
    json["terms"] = terms_of(*set.where);
    json["shortest"] = set.is_shortest;
  }
  json["claimed_where"] = text_or_null(set.claimed);
  json["undecided_where"] = text_or_null(set.open);
  return json;
}

} // namespace

std::string domain_of(const std::vector<SweptValues>& over) {
  std::string text;
  for (const SweptValues& swept : over)
    text += fmt::format("{}{} in {{{}}}", text.empty() ? "" : ", ", swept.parameter, in_runs(swept));
  return text;
}

std::string write_failing_sets_text(const SimplifiedSweep& simplified, std::size_t width) {
  std::string text;
  const auto line = [&](const std::string& words, std::size_t hanging) {
    for (const std::string& part : wrap(words, width, hanging)) text += part + "\n";
  };
  line(head_of(simplified) + ":", 0);
  std::size_t longest = 0;
  for (const FailingSet& set : simplified.sets) longest = std::max(longest, width_of(name_of(set)));
  longest = std::min(longest, width / 3);
  for (const FailingSet& set : simplified.sets) {
    std::vector<std::string> parts = parts_of(set);
    parts.back() += rest_of(set);
    for (std::size_t i = 0; i < parts.size(); ++i)
      line(fmt::format("  {}  {}", padded(i == 0 ? name_of(set) : "", longest),
                       (i == 0 ? "" : "  ") + parts[i]),
           longest + 8);
  }
  if (const std::string worth = worth_of(simplified.corners); !worth.empty()) line(worth, 0);
  return text;
}

std::string write_failing_sets_markdown(const SimplifiedSweep& simplified) {
  std::string text = head_of(simplified) + ":\n\n";
  for (const FailingSet& set : simplified.sets)
    text += fmt::format("* {}: {}\n", name_of(set), in_words(set));
  if (const std::string worth = worth_of(simplified.corners); !worth.empty()) text += "\n" + worth + "\n";
  return text;
}

nlohmann::ordered_json failing_sets_to_json(const SimplifiedSweep& simplified) {
  Json over = Json::object(), sets = Json::array();
  for (const SweptValues& swept : simplified.over) over[swept.parameter] = swept.values;
  for (const FailingSet& set : simplified.sets) sets.push_back(to_json(set));
  const Corners& corners = simplified.corners;
  return {{"over", over},
          {"failing_sets", sets},
          {"corners",
           {{"cells", corners.cells},
            {"confirmed", corners.confirmed},
            {"by_reference", corners.by_reference},
            {"unfinished", corners.unfinished},
            {"left_out", corners.left_out}}}};
}

} // namespace tdxcheck::report
