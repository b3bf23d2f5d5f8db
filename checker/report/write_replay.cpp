// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_replay.h"

#include "report/columns.h"
#include "report/quantities.h"
#include "report/step_text.h"

#include <fmt/format.h>

namespace tdxcheck::report {
namespace {

std::string where(const result::Trace& trace, std::size_t step) {
  if (step >= trace.steps.size()) return fmt::format("after {}", counted(trace.steps.size(), "step"));
  const auto& at = trace.steps[step];
  return fmt::format("step {} ({}: {})", step + 1, at.thread, what_happens(at));
}

} // namespace

std::string write_replay(const result::Trace& trace, const Replayed& replayed, std::size_t width) {
  const std::string steps = counted(trace.steps.size(), "step");
  const std::string run =
      trace.shape == result::TraceShape::lasso ? "a lasso of " + steps : "a run of " + steps;
  const std::string claims =
      trace.property.empty() ? "is one of" : fmt::format("violates {} in", trace.property);
  const std::string as =
      trace.property.empty() ? "a run of" : fmt::format("a violation of {} in", trace.property);
  std::string text =
      replayed.valid ? fmt::format("valid: {} {} {}", run, claims, trace.target)
                     : fmt::format("not valid as {} {}: {}", as, trace.target, where(trace, replayed.step));
  for (const std::string& more : {replayed.why, replayed.caveat})
    if (!more.empty()) text += ": " + more;
  std::string lines;
  for (const std::string& line : wrap(text, width, 2)) lines += line + "\n";
  return lines;
}

nlohmann::ordered_json replay_to_json(const result::Trace& trace, const Replayed& replayed) {
  nlohmann::ordered_json json{
      {"schema", "tdxcheck/replay/1"}, {"target", trace.target}, {"property", trace.property}};
  json["valid"] = replayed.valid;
  json["step"] = replayed.valid ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(replayed.step);
  json["why"] = replayed.why;
  json["caveat"] = replayed.caveat;
  return json;
}

std::string write_certified(const Certified& certified, const std::string& file, std::size_t width) {
  const std::string claim = fmt::format("{} of {} holds for {}", certified.property, certified.target,
                                        certified.extent.empty() ? "this instance" : certified.extent);
  std::string text = certified.valid ? fmt::format("valid: {}, all {} unsatisfiable", claim,
                                                   counted(certified.obligations, "obligation"))
                     : certified.unknown
                         ? fmt::format("unknown whether {}: {}", claim, certified.why)
                         : fmt::format("not valid as a proof that {}: {}", claim, certified.why);
  std::string lines;
  for (const std::string& line : wrap(text, width, 2)) lines += line + "\n";
  return lines + fmt::format("tdxcheck replay --certificate {}\n", file);
}

nlohmann::ordered_json certified_to_json(const Certified& certified) {
  nlohmann::ordered_json json{{"schema", "tdxcheck/recheck/1"},
                              {"target", certified.target},
                              {"property", certified.property},
                              {"extent", certified.extent}};
  json["answer"] = certified.valid ? "valid" : certified.unknown ? "unknown" : "not valid";
  json["obligations"] = certified.obligations;
  json["why"] = certified.why;
  return json;
}

} // namespace tdxcheck::report
