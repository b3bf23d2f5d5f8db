// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/diff_sections.h"

#include "report/quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::report {
namespace {

using result::Change;
using result::RunsChange;

std::string word_of(const std::optional<result::Verdict>& verdict) {
  return verdict ? std::string(name_of(*verdict)) : "not claimed";
}

std::string word_of(const std::optional<result::BoundOfLoop>& bound) {
  return bound ? in_words(*bound) : "no such loop";
}

std::string word_of(Change change) {
  return change == Change::other ? "changed" : std::string(name_of(change));
}

// Worst first; what is the same is only counted.
template <class Changes>
std::vector<typename Changes::value_type> worth_telling(const Changes& all) {
  Changes told;
  for (const Change kind : {Change::worse, Change::unknown, Change::other, Change::better})
    for (const auto& change : all)
      if (change.change == kind) told.push_back(change);
  return told;
}

std::string the_same(std::size_t all, std::size_t changed, const std::string& noun) {
  const std::size_t rest = all - changed;
  if (all == 0) return fmt::format("there are no {}s", noun);
  if (changed == 0) return fmt::format("{}: as before", counted(all, noun));
  return rest == 0 ? std::string() : fmt::format("{} more: as before", counted(rest, noun));
}

std::string size(const result::DiffSide& side, std::uint64_t number) {
  return side.complete ? grouped(number) : fmt::format("{} ({})", grouped(number), side.incomplete_because);
}

DiffSection states(const result::Diff& diff) {
  DiffSection section{"States, as written", {"", "before", "after"}, {}, {}};
  const auto row = [&](const char* what, std::uint64_t before, std::uint64_t after) {
    section.rows.push_back({what, size(diff.base, before), size(diff.now, after)});
  };
  row("states", diff.base.states, diff.now.states);
  row("transitions", diff.base.transitions, diff.now.transitions);
  row("depth", diff.base.depth, diff.now.depth);
  return section;
}

DiffSection verdicts(const result::Diff& diff) {
  DiffSection section{"Verdicts", {"", "claim", "before", "after", ""}, {}, {}};
  for (const auto& change : worth_telling(diff.verdicts))
    section.rows.push_back({word_of(change.change), change.property, word_of(change.before),
                            word_of(change.after), change.detail});
  section.remarks.push_back(the_same(diff.verdicts.size(), section.rows.size(), "claim"));
  return section;
}

DiffSection bounds(const result::Diff& diff) {
  DiffSection section{"Bounds, in rounds of loops", {"", "loop", "before", "after"}, {}, {}};
  for (const auto& change : worth_telling(diff.bounds))
    section.rows.push_back(
        {word_of(change.change), change.loop, word_of(change.before), word_of(change.after)});
  if (!diff.lock_order_known) section.remarks = {"unknown: not all states were seen"};
  else section.remarks.push_back(the_same(diff.bounds.size(), section.rows.size(), "loop"));
  return section;
}

DiffSection lock_order(const result::Diff& diff) {
  DiffSection section{"Lock order", {"", "while held", "", "where"}, {}, {}};
  if (!diff.lock_order_known) {
    section.remarks = {"unknown: not all states were seen"};
    return section;
  }
  const auto add = [&](const char* what, const std::vector<result::LockEdge>& edges) {
    for (const result::LockEdge& edge : edges)
      section.rows.push_back(
          {what, edge.held, (edge.blocking ? "acquires " : "tries ") + edge.acquired, edge.where});
  };
  add("new", diff.new_edges);
  add("gone", diff.gone_edges);
  for (const std::string& cycle : diff.new_cycles)
    section.remarks.push_back("a new cycle, possible circular locking dependency: " + cycle);
  for (const std::string& cycle : diff.gone_cycles) section.remarks.push_back("a cycle is gone: " + cycle);
  if (section.rows.empty() && section.remarks.empty()) section.remarks = {"as before"};
  return section;
}

DiffSection runs(const result::Diff& diff) {
  DiffSection section{"Runs, as who gets which answer to which call", {}, {}, {}};
  switch (diff.runs.answer) {
  case RunsChange::Answer::not_compared: section.remarks = {"not compared"}; break;
  case RunsChange::Answer::unknown: section.remarks = {"unknown: " + diff.runs.how}; break;
  case RunsChange::Answer::none_new:
    section.remarks = {
        diff.runs.kinds == 0
            ? std::string(
                  "no call of either answers anything, so that there is nothing to tell runs apart by")
            : fmt::format("every sequence is one that BASE has ({}, by {})",
                          counted(diff.runs.kinds, "different event"), diff.runs.how)};
    break;
  case RunsChange::Answer::some_new:
    section.remarks = {
        "NEW has sequences that BASE does not have; this is a shortest one, the last answer of "
        "which BASE cannot give:"};
    for (std::size_t i = 0; i < diff.runs.events.size(); ++i)
      section.remarks.push_back(fmt::format("  {}. {}", i + 1, in_words(diff.runs.events[i])));
    if (!diff.runs.caveat.empty()) section.remarks.push_back(diff.runs.caveat);
    break;
  }
  return section;
}

} // namespace

std::string in_words(const result::BoundOfLoop& bound) {
  switch (bound.answer) {
  case result::BoundAnswer::number: return std::to_string(bound.value);
  case result::BoundAnswer::no_bound_fair_runs_leave: return "no bound (fair runs leave it)";
  case result::BoundAnswer::no_bound_fair_run_stays: return "no bound (a fair run stays)";
  case result::BoundAnswer::unknown: return "unknown";
  }
  return "";
}

std::string subject_of(const result::Diff& diff) {
  std::string text = diff.base.target + " -> " + diff.now.target;
  if (!diff.now.set.empty()) text += fmt::format(" with {}", fmt::join(diff.now.set, ", "));
  if (!diff.now.without.empty()) text += fmt::format(" without {}", fmt::join(diff.now.without, ", "));
  return text;
}

std::vector<DiffSection> sections_of(const result::Diff& diff) {
  return {verdicts(diff), bounds(diff), lock_order(diff), states(diff), runs(diff)};
}

} // namespace tdxcheck::report
