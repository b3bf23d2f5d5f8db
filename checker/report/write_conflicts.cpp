// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/write_conflicts.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/columns.h"
#include "report/quantities.h"
#include "report/render_table.h"
#include "result/trace_json.h"

namespace tdxcheck::report {
namespace {

std::string in_words(const result::Conflict& c) {
  const std::string by = c.holder_thread.empty()
                             ? "nobody holds it: it is kept for somebody else"
                             : fmt::format("{} holds it ({}) in {}", c.holder_thread, c.held_mode, c.holder);
  return fmt::format("{} in {} finds {} busy ({}); {}; {}, {} away", c.newcomer_thread, c.newcomer, c.lock,
                     c.wanted_mode, by, counted(c.count, "state"), counted(c.trace.steps.size(), "step"));
}

// lock -> newcomers, as they come.
using ByLock = std::vector<std::pair<std::string, std::vector<std::string>>>;

ByLock newcomers_by_lock(const result::ModuleConflicts& conflicts, const std::string& holder) {
  ByLock by_lock;
  for (const result::ModulePair& pair : conflicts.pairs) {
    if (pair.holder != holder) continue;
    for (const std::string& lock : pair.locks) {
      auto found = std::ranges::find(by_lock, lock, &ByLock::value_type::first);
      if (found == by_lock.end()) found = by_lock.insert(found, {lock, {}});
      found->second.push_back(pair.newcomer);
    }
  }
  return by_lock;
}

Table table_of(const result::ModuleConflicts& conflicts) {
  Table table{{{"while inside"}, {"holds"}, {"BUSY are", 20}}, {}};
  for (const std::string& holder : conflicts.leaves) {
    bool first = true;
    for (const auto& [lock, newcomers] : newcomers_by_lock(conflicts, holder)) {
      table.rows.push_back({{first ? holder : ""}, {lock}, {fmt::format("{}", fmt::join(newcomers, ", "))}});
      first = false;
    }
  }
  return table;
}

// Leaves that are in nobody's way, and in whose way nobody is.
std::vector<std::string> undisturbed(const result::ModuleConflicts& conflicts) {
  std::vector<std::string> names = conflicts.leaves;
  std::erase_if(names, [&](const std::string& leaf) {
    return std::ranges::any_of(conflicts.pairs, [&](const result::ModulePair& pair) {
      return pair.holder == leaf || pair.newcomer == leaf;
    });
  });
  return names;
}

} // namespace

std::string write_conflicts(const result::ModuleConflicts& conflicts, std::size_t width) {
  std::string text = fmt::format("module {}: who makes whom BUSY\n\n", conflicts.module);
  text += render(table_of(conflicts), width) + "\n";
  const auto line = [&](const std::string& words) {
    for (const std::string& part : wrap(words, width, 4)) text += part + "\n";
  };
  if (const auto names = undisturbed(conflicts); !names.empty())
    line(fmt::format("never BUSY, and never in the way: {}", fmt::join(names, ", ")));
  line(fmt::format("{}; {} of {}, {}, {}, {}",
                   conflicts.complete ? "complete" : "incomplete: " + conflicts.incomplete_because,
                   counted(conflicts.pairs.size(), "pair"),
                   grouped(conflicts.leaves.size() * conflicts.leaves.size()),
                   counted(conflicts.states, "state"), counted(conflicts.transitions, "transition"),
                   as_duration(conflicts.seconds)));
  return text + "reproduce: " + conflicts.reproduce + "\n";
}

nlohmann::ordered_json conflicts_to_json(const result::ModuleConflicts& conflicts) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "tdxcheck/conflicts/1"}, {"module", conflicts.module}};
  json["pairs"] = Json::array();
  for (const result::ModulePair& pair : conflicts.pairs)
    json["pairs"].push_back({{"holder", pair.holder}, {"newcomer", pair.newcomer}, {"locks", pair.locks}});
  json["complete"] = conflicts.complete;
  json["states"] = conflicts.states;
  json["transitions"] = conflicts.transitions;
  json["reproduce"] = conflicts.reproduce;
  return json;
}

std::string write_conflicts(const result::ConflictsResult& conflicts, const Subject& subject, bool all,
                            std::size_t width) {
  std::string text;
  const auto line = [&](const std::string& words) {
    for (const std::string& part : wrap(words, width, 4)) text += part + "\n";
  };
  if (conflicts.conflicts.empty())
    line("nothing is ever busy" + std::string(conflicts.complete ? "" : " in what was searched"));
  for (const result::Conflict& conflict : conflicts.conflicts) {
    line(in_words(conflict));
    if (all) text += "\n" + render_table(conflict.trace, width, subject.chosen) + "\n";
  }
  for (const std::string& loop : conflicts.idle_loops)
    line(loop + " never goes round: for these parameters its retry is dead code");
  line(fmt::format("{}; {}, {}, {}",
                   conflicts.complete ? "complete" : "incomplete: " + conflicts.incomplete_because,
                   counted(conflicts.states, "state"), counted(conflicts.transitions, "transition"),
                   as_duration(conflicts.seconds)));
  return text + "reproduce: " + conflicts.reproduce + "\n";
}

nlohmann::ordered_json conflicts_to_json(const result::ConflictsResult& conflicts) {
  using Json = nlohmann::ordered_json;
  Json json{{"schema", "tdxcheck/conflicts/1"}, {"module", nullptr}, {"target", conflicts.target}};
  json["parameters"] = result::to_json(conflicts.parameters);
  json["without"] = conflicts.without;
  json["pairs"] = Json::array();
  for (const result::Conflict& c : conflicts.conflicts) {
    Json pair{{"holder", c.holder}, {"newcomer", c.newcomer}, {"locks", {c.lock}}};
    pair["holder_thread"] = c.holder_thread.empty() ? Json(nullptr) : Json(c.holder_thread);
    pair["newcomer_thread"] = c.newcomer_thread;
    pair["held_mode"] = c.held_mode.empty() ? Json(nullptr) : Json(c.held_mode);
    pair["wanted_mode"] = c.wanted_mode;
    pair["count"] = c.count;
    pair["trace"] = result::to_json(c.trace);
    json["pairs"].push_back(std::move(pair));
  }
  json["idle_loops"] = conflicts.idle_loops;
  json["complete"] = conflicts.complete;
  json["states"] = conflicts.states;
  json["transitions"] = conflicts.transitions;
  json["reproduce"] = conflicts.reproduce;
  return json;
}

} // namespace tdxcheck::report
