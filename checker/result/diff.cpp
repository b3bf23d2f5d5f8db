// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/diff.h"

#include <algorithm>

namespace tdxcheck::result {

std::string_view name_of(Change change) {
  switch (change) {
  case Change::same: return "same";
  case Change::better: return "better";
  case Change::other: return "other";
  case Change::worse: return "worse";
  case Change::unknown: return "unknown";
  }
  return "";
}

std::string_view name_of(RunsChange::Answer answer) {
  switch (answer) {
  case RunsChange::Answer::none_new: return "none_new";
  case RunsChange::Answer::some_new: return "some_new";
  case RunsChange::Answer::unknown: return "unknown";
  case RunsChange::Answer::not_compared: return "not_compared";
  }
  return "";
}

namespace {

template <class Changes>
bool any(const Changes& changes, Change kind) {
  return std::ranges::any_of(changes, [&](const auto& c) { return c.change == kind; });
}

template <class Changes>
bool any_known_difference(const Changes& changes) {
  return std::ranges::any_of(
      changes, [](const auto& c) { return c.change != Change::same && c.change != Change::unknown; });
}

} // namespace

bool Diff::is_regression() const {
  return any(verdicts, Change::worse) || any(bounds, Change::worse) || !new_cycles.empty();
}

bool Diff::is_different() const {
  const bool sizes =
      base.complete && now.complete &&
      (base.states != now.states || base.transitions != now.transitions || base.depth != now.depth);
  return sizes || any_known_difference(verdicts) || any_known_difference(bounds) || !new_edges.empty() ||
         !gone_edges.empty() || !new_cycles.empty() || !gone_cycles.empty() ||
         runs.answer == RunsChange::Answer::some_new;
}

bool Diff::is_unknown() const {
  return !base.complete || !now.complete || !lock_order_known || any(verdicts, Change::unknown) ||
         any(bounds, Change::unknown) || runs.answer == RunsChange::Answer::unknown;
}

} // namespace tdxcheck::result
