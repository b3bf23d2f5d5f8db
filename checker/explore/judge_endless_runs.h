// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Claims about runs that never end, judged on the complete graph: what would violate each is a fair run that
// stays in a part of the graph (find_fair_cycle.h), or stops there with nothing fair left to happen.
//
//  no_livelock     no edge that ends an operation; the cycle has an edge by a thread with an operation open
//  no_starvation   per thread and operation: states in which it is open, no edge that ends it; the cycle has
//  an edge
//                  that ends another one. Or the cycle has no edge of the thread at all; or the run stops
//                  there
//  leads_to        states without `to`, reached through such from one with `from`
//  recoverable     states from which no run leads to the condition: no fairness, components alone
//
// A `holds` says what it hinges on: a kind of fair steps that made some component unfair is left out in turn,
// and where that makes a fair run out of one, it is named.
//
// Cost: a search for fair cycles per claim (no_starvation: two per thread and operation) and one on the
// components that were judged per kind that may matter, at most `most_kinds`. Tests: fair_cycles_test.cpp,
// endless_runs_agree_test.cpp.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explore/walk.h"
#include "explore/watch.h"

namespace tdxcheck::explore {

inline constexpr std::size_t most_kinds = 64;

struct EndlessVerdict {
  std::optional<Walk> violation; // none: it holds
  std::string why;
  bool rests_on_fairness = false;  // of one that holds: without fairness, it would not
  std::vector<std::string> hinges; // "strong fairness of ipi: interrupt"
};

[[nodiscard]] bool is_about_endless_runs(const model::Claim& claim);

// `round` is called now and then, and may throw. InputError where a condition has no value in a reachable
// state.
[[nodiscard]] EndlessVerdict judge_endless_runs(InterpretedSystem& system, const Contexts& contexts,
                                                const ReachedGraph& graph, const model::Property& property,
                                                const std::function<void()>& round);

} // namespace tdxcheck::explore
