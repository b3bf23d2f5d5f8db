// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Every state and every claim, the plainest way: std::map from state to number, breadth first, an explicit
// list of edges, each definition read off word by word. This is the reference engine, and what the fast ones
// are compared with: number of states and of transitions, depth, verdicts, length of the shortest violation.
//
//  states       of the written model after silent tails
//  transitions  actions summed over all reachable states; an action is (thread, step, choices)
//  depth        steps from the nearest initial state
//
// always, assertion, no_deadlock, lock_discipline, balanced and sometimes are judged; the rest is not judged.
// Who holds what is learnt by watching (lock_history.h), in a second search over states with histories.
// A reachable model error ends the search: there is no verdict then.
//
// Cost: with four threads about 6 us and 1 kB per state, twice the time with lock_discipline. Limits:
// patience and memory; none in what it can judge that the interpreter has not. Tested by
// tests/semantics_brute_force_test.cpp (counts from paper) and by the agreement of the engines.

#include "semantics/interpreter.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tdxcheck::semantics {

// A run from an initial state. Its length is the number of its actions.
struct PlainRun {
  State start;
  std::vector<Action> actions;
  [[nodiscard]] const State& last() const { return actions.empty() ? start : actions.back().next; }
};

enum class Judged { holds, violated, not_judged };

struct PlainVerdict {
  std::string property;
  Judged judged = Judged::not_judged;
  std::string why;                   // violated: in words; not judged: because of what
  std::optional<PlainRun> run;       // violated: a shortest run that shows it (`sometimes`: none)
  std::optional<std::size_t> thread; // violated: whose fault it is, where it is somebody's
  [[nodiscard]] std::size_t depth() const { return run ? run->actions.size() : 0; }
};

// The last action of the run is the ill-formed one.
struct PlainError {
  std::string text;
  PlainRun run;
};

struct PlainEdge {
  std::size_t from = 0, to = 0; // numbers of states
  std::size_t thread = 0, step = 0;
};

struct PlainExploration {
  bool complete = false;     // false: more than `most_states`, or a model error
  std::vector<State> states; // breadth first
  std::map<State, std::size_t> number;
  std::vector<std::size_t> depth_of;
  std::vector<PlainEdge> edges;
  std::uint64_t transitions = 0;
  std::size_t depth = 0; // of the deepest state
  std::optional<PlainError> error;
  std::vector<PlainVerdict>
      properties; // in the order of the model, those that are claimed; empty after an error
  // "vcpu: tdx_vcpu_load.3": control flow leads there, but no run does. Labels that are left silently do not
  // count.
  std::vector<std::string> unreached_labels;
  // no_deadlock, its two halves apart: the depth of the first state of each kind, where there is one.
  std::optional<std::size_t> stop_depth, stuck_depth;
};

[[nodiscard]] PlainExploration explore_plainly(const Interpreter& interpreter, std::size_t most_states);

} // namespace tdxcheck::semantics
