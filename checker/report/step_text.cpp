// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/step_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tdxcheck::report {

namespace {

bool is_its_own_failure(const result::TraceStep& step) {
  return !step.text.empty() && std::ranges::find(step.failed, step.text) != step.failed.end();
}

} // namespace

std::string what_happens(const result::TraceStep& step) {
  std::string text = is_its_own_failure(step) ? "failed: " + step.text : step.text;
  if (text.empty() && step.call.empty()) text = step.from + " -> " + step.to;
  if (step.call.empty() || text.find(step.call) != std::string::npos) return text;
  return text.empty() ? step.call : step.call + ": " + text;
}

std::string describe(const result::TraceLock& lock) {
  const std::string shared = lock.mode == "shared" ? " (shared)" : "";
  if (lock.event == "busy") return lock.lock + " is busy" + shared;
  if (lock.event == "release") return "drops " + lock.lock + shared;
  return "takes " + lock.lock + shared;
}

std::vector<std::string> failures(const result::TraceStep& step) {
  std::vector<std::string> lines;
  for (const std::string& text : step.failed)
    if (text != step.text) lines.push_back("failed: " + text);
  return lines;
}

std::string with_parentheses(const std::string& function) {
  return function.ends_with(')') ? function : function + "()";
}

std::string listed(const result::Names& names, const std::string& separator) {
  std::string result;
  for (const auto& [name, value] : names)
    result += fmt::format("{}{}={}", result.empty() ? "" : separator, name, value);
  return result;
}

std::string FunctionHeadings::entered(const result::TraceStep& step) {
  std::string& in = in_[step.thread];
  if (step.function == in) return {};
  in = step.function;
  return in;
}

std::vector<std::string> threads_that_move(const result::Trace& trace) {
  std::vector<std::string> threads;
  for (const auto& step : trace.steps)
    if (std::ranges::find(threads, step.thread) == threads.end()) threads.push_back(step.thread);
  return threads;
}

} // namespace tdxcheck::report
