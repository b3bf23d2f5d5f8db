// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Breadth-first search over a transition system, so that the first path found to a state is a shortest one.
// States are numbered in the order of discovery, which depends on the system alone: same model, same numbers.
//
// Successors are gathered in batches, hashed and their slots prefetched before the table is probed; a batch
// never reaches over the end of a level, and the observer hears of a batch as a whole. Cost: a state takes
// its words, 4 bytes for the parent and 9 to 18 for the table; with rows, 5 to 7 bytes more per transition.
// Limits: 2^32 - 2 states.
//
// What runs out ends the search, never silently: Stop says why.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "explore/reached_graph.h"
#include "explore/transition_system.h"

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

class SearchObserver {
public:
  virtual ~SearchObserver() = default;
  // These states were found; their parents and all states before them are in the graph.
  virtual void found(const ReachedGraph&, StateNumber /*first*/, StateNumber /*end*/) {}
  // A transition with flags. Only the ones that have some are reported one by one.
  virtual void flagged(const ReachedGraph&, StateNumber /*from*/, Move, std::uint8_t /*flags*/) {}
  // A move was taken somewhere; once.
  virtual void taken(Move) {}
  // No step is enabled there.
  virtual void stopped(const ReachedGraph&, StateNumber) {}
  [[nodiscard]] virtual bool enough() const { return false; }
};

enum class Stop { complete, enough, model_error, out_of_time, out_of_memory, too_many_states, interrupted };

// "the time budget ran out"; empty if it is complete.
[[nodiscard]] std::string because(Stop stop);

struct ErroneousMove {
  StateNumber from = 0;
  Move move;
};

struct Search {
  ReachedGraph graph;
  Stop stop = Stop::complete;
  std::optional<ErroneousMove> model_error; // the first; its successor means nothing
};

[[nodiscard]] Search breadth_first_search(TransitionSystem& system, SearchObserver& observer,
                                          const Limits& limits, bool with_rows);

} // namespace tdxcheck::explore
