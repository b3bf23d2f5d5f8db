// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What explore_plainly has seen, before it is judged. Private to semantics/.

#include "semantics/brute_force.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tdxcheck::semantics {

struct Arrival {
  std::size_t from;
  Action action;
};

struct PlainSearch {
  const Interpreter& interpreter;
  PlainExploration seen;
  std::vector<std::optional<Arrival>> arrival;    // by state; nothing for an initial state
  std::map<std::string, PlainRun> failed;         // by property: a shortest run that fails an assertion of it
  std::map<std::string, std::string> failed_text; // by property: the text of that assertion

  [[nodiscard]] PlainRun run_to(std::size_t state) const;
};

// The claim as judged on a finished search.
[[nodiscard]] PlainVerdict judge_plainly(const PlainSearch& search, const model::Property& property);

// The halves of no_deadlock: the number of the first such state, and a thread that makes it one.
struct DeadState {
  std::size_t state;
  std::size_t thread;
};
[[nodiscard]] std::optional<DeadState> first_stop(const PlainSearch& search);
[[nodiscard]] std::optional<DeadState> first_stuck(const PlainSearch& search);

// lock_discipline, by a search of its own.
[[nodiscard]] PlainVerdict watch_locks(const Interpreter& interpreter, const std::string& property,
                                       std::size_t most_states);

} // namespace tdxcheck::semantics
