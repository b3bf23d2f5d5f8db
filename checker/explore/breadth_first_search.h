// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Breadth-first search over a transition system, level by level, so that the first path found to a state is a
// shortest one. States are numbered in the order of discovery, levels are ranges. One worker: same model,
// same numbers. Several: within a level, numbers and parents depend on who was faster; which states there
// are, how deep they lie, and how many transitions there are does not, and neither does where the search
// stops, which is decided between levels. Small levels are expanded by one worker alone.
//
// Successors are gathered in batches, hashed and their slots prefetched before the table is probed
// (search_worker.h). Cost: a state takes its words, 4 bytes for the parent and 9 to 18 for the table; with
// rows, 5 to 7 bytes more per transition. Limits: 2^32 - 2 states.
//
// What runs out ends the search, never silently: Stop says why.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "explore/reached_graph.h"
#include "explore/search_observer.h"
#include "explore/search_worker.h"
#include "explore/transition_system.h"
#include "support/process_age.h"

namespace tdxcheck::explore {

struct Progress {
  std::uint64_t states = 0, transitions = 0, frontier = 0;
  std::uint32_t depth = 0;
  std::uint64_t memory_bytes = 0;
  double seconds = 0;
};

struct Limits {
  std::optional<double> seconds = {};
  std::optional<std::uint64_t> memory_bytes = {};
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const Progress&)> progress = {}; // at most 5 times per second
};

enum class Stop { complete, enough, model_error, out_of_time, out_of_memory, too_many_states, interrupted };

// "the time budget ran out"; empty if it is complete.
[[nodiscard]] std::string because(Stop stop);

struct Search {
  ReachedGraph graph;
  Stop stop = Stop::complete;
  // One as near to the start as any; its successor means nothing.
  std::optional<ErroneousMove> model_error;
  unsigned workers = 1;                 // that were at work at the same time
  support::ProcessAge first_state = {}; // when it was stored
};

// More workers: each has a system and an observer of its own, which hear of what it does. They are asked for
// once there is enough to do, one after the other, and used until the search ends.
struct Helpers {
  struct Hand {
    TransitionSystem& system;
    SearchObserver& observer;
  };
  static constexpr StateNumber worth_it = 4096;
  unsigned count = 0;
  std::function<Hand()> next = {};
  StateNumber large_level = worth_it; // a level with fewer states is expanded by one worker alone
};

[[nodiscard]] Search breadth_first_search(TransitionSystem& system, SearchObserver& observer,
                                          const Limits& limits, bool with_rows, const Helpers& helpers = {});

} // namespace tdxcheck::explore
