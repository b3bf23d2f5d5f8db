// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a second variant (NEW) changes against a first one (BASE).

#include "result/bound.h"
#include "result/event.h"
#include "result/verdict.h"

#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::result {

// Whether a change is a regression: `worse` is one, `unknown` may be.
enum class Change { same, better, other, worse, unknown };

[[nodiscard]] std::string_view name_of(Change change);

// The states are those of the model as written.
struct DiffSide {
  std::string target;
  Names parameters;
  std::vector<std::string> without;
  std::vector<std::string> set; // where it is not what the target says: "retries=2 (before: 1)"
  std::uint64_t states = 0, transitions = 0;
  std::uint32_t depth = 0;
  bool complete = false;
  std::string incomplete_because;
  std::optional<ModelError> model_error;
};

struct VerdictChange {
  std::string property;
  std::optional<Verdict> before, after; // nothing where it is not claimed
  std::string detail;                   // what the second one says
  Change change = Change::same;
};

// The worst case of a loop, in rounds. Nothing where there is no such loop.
struct BoundOfLoop {
  BoundAnswer answer = BoundAnswer::unknown;
  std::int64_t value = 0; // of a number
};
struct BoundChange {
  std::string loop;
  std::optional<BoundOfLoop> before, after;
  Change change = Change::same;
};

struct LockEdge {
  std::string held, acquired; // lock classes, "mmu_lock (shared)"
  bool blocking = true;       // otherwise tried
  std::string where;          // who does it, and where it is written
};

// Whether NEW has sequences of events that BASE has not.
struct RunsChange {
  enum class Answer { none_new, some_new, unknown, not_compared };
  Answer answer = Answer::not_compared;
  std::string how;           // "simulation", "antichains"; of an unknown: why
  std::vector<Event> events; // a shortest sequence that BASE does not have
  std::optional<Trace> run;  // of NEW, that does it
  std::string caveat;        // what could not be confirmed
  std::size_t kinds = 0;     // different events of either side
};

[[nodiscard]] std::string_view name_of(RunsChange::Answer answer);

struct Diff {
  DiffSide base, now;
  std::vector<VerdictChange> verdicts; // of all properties of either
  std::vector<BoundChange> bounds;     // of all loops of either
  std::vector<LockEdge> new_edges, gone_edges;
  std::vector<std::string> new_cycles, gone_cycles; // of blocking edges: "a -> b -> a"
  bool lock_order_known = false;
  RunsChange runs;
  double seconds = 0;
  std::string reproduce;

  // A claim or a bound that is worse, or a new cycle of locks.
  [[nodiscard]] bool is_regression() const;
  [[nodiscard]] bool is_different() const;
  [[nodiscard]] bool is_unknown() const; // some part of it
};

} // namespace tdxcheck::result
