// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What can be seen of a run from outside: who got which answer to which call.

#include "model/model.h"

#include <optional>
#include <set>
#include <string>

namespace tdxcheck::result {

struct Event {
  std::string thread; // "vcpu[1]", as written
  std::string call;   // SEAMCALL or TDCALL; empty where a kernel function answers
  std::string status; // empty for a step of a call that never says what it answers
  friend auto operator<=>(const Event&, const Event&) = default;
};

// "vcpu[1] TDH.VP.ENTER = SUCCESS"
[[nodiscard]] std::string in_words(const Event& event);

// Calls of which some step decides the answer.
using Calls = std::set<std::string>;
[[nodiscard]] Calls answered_calls(const model::Model& model);

// A step is an event where it decides what a call answers. Of a call that is in no model asked about ever
// answered, each step is one. All other steps are silent: taking locks on the way, dropping them behind the
// answer, and whatever the kernel does outside of calls.
[[nodiscard]] std::optional<Event> event_of(const std::string& thread, const std::string& call,
                                            const std::string& status, const Calls& answered);

} // namespace tdxcheck::result
