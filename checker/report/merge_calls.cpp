// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/merge_calls.h"

#include <algorithm>

namespace tdxcheck::report {
namespace {

using result::TraceStep;
using Steps = std::vector<TraceStep>;

bool same_call(const TraceStep& a, const TraceStep& b) {
  return a.thread == b.thread && !a.call.empty() && a.call == b.call && a.function == b.function;
}

// Behind its answer a call only drops locks; whatever takes one belongs to the next try.
bool begins_another(const TraceStep& step) {
  return !step.status.empty() ||
         std::ranges::any_of(step.locks, [](const auto& lock) { return lock.event != "release"; });
}

// The end of the run of steps from `first` that one thread takes, without a break, in one call.
std::size_t end_of_call(const Steps& steps, std::size_t first) {
  bool answered = !steps[first].status.empty();
  std::size_t end = first + 1;
  for (; end < steps.size() && same_call(steps[first], steps[end]); ++end) {
    if (answered && begins_another(steps[end])) break;
    answered = answered || !steps[end].status.empty();
  }
  return end;
}

bool is_inside_since_before(const Steps& steps, std::size_t first) {
  for (std::size_t i = first; i-- > 0;)
    if (steps[i].thread == steps[first].thread)
      return same_call(steps[i], steps[first]) && steps[i].status.empty();
  return false;
}

bool goes_on_later(const Steps& steps, std::size_t first, std::size_t end) {
  for (std::size_t i = end; i < steps.size(); ++i)
    if (steps[i].thread == steps[first].thread)
      return same_call(steps[i], steps[first]) && !begins_another(steps[i]);
  return false;
}

TraceStep merged(const Steps& steps, std::size_t first, std::size_t end) {
  TraceStep all = steps[first];
  all.text = all.call;
  all.locks.clear();
  all.failed.clear();
  for (std::size_t i = first; i < end; ++i) {
    if (!steps[i].status.empty()) all.status = steps[i].status;
    for (const auto& [name, value] : steps[i].changed) all.changed[name] = value;
    all.failed.insert(all.failed.end(), steps[i].failed.begin(), steps[i].failed.end());
  }
  all.to = steps[end - 1].to;
  return all;
}

} // namespace

std::vector<Moment> merge_calls(const result::Trace& trace) {
  const Steps& steps = trace.steps;
  std::vector<Moment> moments;
  for (std::size_t i = 0; i < steps.size();) {
    const std::size_t end = end_of_call(steps, i);
    const bool is_answered = std::any_of(steps.begin() + static_cast<std::ptrdiff_t>(i),
                                         steps.begin() + static_cast<std::ptrdiff_t>(end),
                                         [](const TraceStep& step) { return !step.status.empty(); });
    const bool holds_a_mark = trace.loop && *trace.loop > i && *trace.loop < end; // where a lasso returns to
    if (end - i > 1 && is_answered && !holds_a_mark && !is_inside_since_before(steps, i) &&
        !goes_on_later(steps, i, end)) {
      moments.push_back({i, merged(steps, i, end)});
      i = end;
    } else {
      moments.push_back({i, steps[i]});
      ++i;
    }
  }
  return moments;
}

} // namespace tdxcheck::report
