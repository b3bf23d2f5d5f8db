// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_prove.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "result/trace_json.h"
#include "result/vacuous_claim_json.h"

namespace tdxcheck::report {
namespace {

using result::ProvedProperty;
using result::Verdict;

constexpr std::size_t word = 8; // "violated"

std::string_view verdict_of(const ProvedProperty& property) {
  if (property.verdict == Verdict::holds) return "proved";
  return property.for_the_instance ? "instance" : name_of(property.verdict);
}

std::string scope(const result::ProveResult& result) {
  if (result.any.empty()) return "for these parameters";
  return fmt::format("for every {}", fmt::join(result.any, ", "));
}

std::string sizes(const result::ProveResult& result) {
  if (result.any_size.empty()) return "sets of the sizes above";
  return fmt::format("{} of any size (what is told of the instance: of the size above), other sets of the "
                     "sizes above",
                     fmt::join(result.any_size, ", "));
}

} // namespace

std::string write_prove(const result::ProveResult& result, const Subject& subject, bool brief,
                        std::size_t width) {
  std::string text;
  const auto line = [&](const std::string& words, std::size_t hanging) {
    for (const std::string& part : wrap(words, width, hanging)) text += part + "\n";
  };
  if (!brief) {
    line(subject.summary.empty() ? result.target : result.target + ": " + subject.summary, 4);
    if (!subject.changed.empty()) line(fmt::format("  with {}", fmt::join(subject.changed, ", ")), 4);
    if (!result.without.empty()) line(fmt::format("  without {}", fmt::join(result.without, ", ")), 4);
    line("  " + subject.sizes, 4);
    line("  " + scope(result), 4);
    text += "\n";
  }
  std::size_t longest = 0;
  for (const ProvedProperty& property : result.properties)
    longest = std::max(longest, width_of(property.name));
  longest = std::min(longest, width / 3);
  for (const ProvedProperty& property : result.properties)
    line(fmt::format("{}  {}  {} ({})", padded(verdict_of(property), word), padded(property.name, longest),
                     property.detail, as_duration(property.seconds)),
         word + 2 + longest + 2);
  for (const ProvedProperty& property : result.properties) {
    if (brief) break;
    if (property.trace)
      text += "\n" + property.name + ":\n" + render_table(*property.trace, width, subject.chosen);
    if (property.obstacle.empty()) continue;
    text += "\n" + property.name + " is not settled: no lemma excludes\n";
    for (const std::string& words : property.obstacle) line("  " + words, 4);
  }
  if (!brief && !result.vacuous.empty()) {
    text += "\nVacuous by their wording, whatever the protocol does\n";
    for (const result::VacuousClaim& claim : result.vacuous)
      line(fmt::format("  {}: {}", claim.property, in_words(claim)), 4);
  }
  if (!brief) {
    text += "\nWhat is proved was proved assuming\n  - sequentially consistent memory\n"
            "  - steps as atomic as written\n";
    line("  - " + sizes(result), 4);
    text += "\n";
  }
  const std::string_view all = result.verdict == Verdict::holds      ? "all proved"
                               : result.verdict == Verdict::violated ? "violated"
                                                                     : "not all settled";
  line(fmt::format("{}, {}; {}", all, scope(result), as_duration(result.seconds)), 2);
  return text + "reproduce: " + result.reproduce + "\n";
}

nlohmann::ordered_json prove_to_json(const result::ProveResult& result) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "tdxcheck/prove/1"}, {"target", result.target}};
  json["parameters"] = result::to_json(result.parameters);
  json["without"] = result.without;
  json["any"] = result.any;
  json["any_size"] = result.any_size;
  json["verdict"] = name_of(result.verdict);
  json["properties"] = Json::array();
  for (const ProvedProperty& property : result.properties) {
    Json row{{"name", property.name},
             {"template", property.template_name},
             {"verdict", name_of(property.verdict)},
             {"for_the_instance", property.for_the_instance},
             {"detail", property.detail},
             {"obstacle", property.obstacle},
             {"seconds", property.seconds}};
    row["trace"] = property.trace ? result::to_json(*property.trace) : Json(nullptr);
    row["proof"] = property.proof ? result::to_json(*property.proof) : Json(nullptr);
    json["properties"].push_back(std::move(row));
  }
  if (!result.vacuous.empty()) json["vacuous_by_wording"] = result::to_json(result.vacuous);
  json["seconds"] = result.seconds;
  json["reproduce"] = result.reproduce;
  return json;
}

} // namespace tdxcheck::report
