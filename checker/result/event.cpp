// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/event.h"

namespace tdxcheck::result {

std::string in_words(const Event& event) {
  std::string words = event.thread;
  if (!event.call.empty()) words += " " + event.call;
  if (!event.status.empty()) words += " = " + event.status;
  return words;
}

Calls answered_calls(const model::Model& model) {
  Calls calls;
  for (const model::Thread& thread : model.threads)
    for (const model::Step& step : thread.steps)
      if (!step.status.empty() && !step.call.empty()) calls.insert(step.call);
  return calls;
}

std::optional<Event> event_of(const std::string& thread, const std::string& call, const std::string& status,
                              const Calls& answered) {
  if (status.empty() && (call.empty() || answered.contains(call))) return {};
  return Event{thread, call, status};
}

} // namespace tdxcheck::result
