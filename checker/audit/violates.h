// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether a run shows that a property is violated, by the property's definition and nothing else: no engine
// is asked, no analysis of labels is trusted. What is held, which operation is open, how often a loop went
// round is learnt by following the run event by event.
//
//  always, balanced         the last state breaks it
//  assertion                the last step fails an assertion of that name
//  lock_discipline          the last state or the last step breaks it (semantics/lock_history.h)
//  no_deadlock              nothing can follow the last state and a thread is not at its end; or such a
//  thread
//                           takes no step in any continuation, which is tried out up to `most_continuations`
//  retries L <= n           L goes round for the (n + 1)st time
//  recoverable              no continuation of the last state satisfies the condition; tried out likewise
//  no_livelock              a fair lasso: an operation stays open, its thread moves, no operation ends
//  no_starvation            a fair lasso: an operation stays open; its thread does not move or other
//  operations
//                           end. Or a run that stops fairly with an operation open
//  leads_to                 a fair lasso, or a run that stops fairly: once `from` holds, `to` never does
//  lock_order, sometimes    no run shows it: a cycle of lock edges has several, an absence has none
//
// Tested by tests/replay_*_test.cpp.

#include "audit/run.h"

#include <string>

namespace tdxcheck::audit {

struct Confirmation {
  bool violated = false;
  std::string why;    // what is violated, or why the run does not show it
  std::string caveat; // what could not be confirmed although nothing speaks against it
};

inline constexpr std::size_t most_continuations = 200'000;

[[nodiscard]] Confirmation violates(const semantics::Interpreter& interpreter,
                                    const model::Property& property, const Run& run);

} // namespace tdxcheck::audit
