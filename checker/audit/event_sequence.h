// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Whether a model can do a sequence of events, by the plain subset construction over the states of the
// reference semantics: all states it may be in after the first event, after the second, and so on. Shares
// nothing with what found the sequence (graph/trace_inclusion.h) but the definition of an event.
//
// Cost: the actions of every state that silent steps lead to on the way. Tests: event_sequence_test.cpp.

#include "model/model.h"
#include "result/event.h"
#include "result/trace.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::audit {

// How many of the events some run has in this order, from the start: all of them if it has the sequence.
// Nothing if more than `most_states` states would have to be looked at, or `enough` (asked now and then) says
// so.
[[nodiscard]] std::optional<std::size_t>
longest_prefix(const model::Model& written, const model::Valuation& valuation,
               const std::vector<result::Event>& events, const result::Calls& answered,
               std::size_t most_states, const std::function<bool()>& enough);

// What is wrong with a trace as a run that has exactly these events; empty if nothing is.
[[nodiscard]] std::string why_not_a_run_of(const model::Model& written, const model::Valuation& valuation,
                                           const result::Trace& trace,
                                           const std::vector<result::Event>& events,
                                           const result::Calls& answered);

} // namespace tdxcheck::audit
