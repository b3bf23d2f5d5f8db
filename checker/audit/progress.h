// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which operations are open and how often loops went round, learnt by following a run event by event.

#include "audit/run.h"

#include <map>
#include <set>
#include <span>
#include <utility>

namespace tdxcheck::audit {

using ThreadOperation = std::pair<std::size_t, model::Id<model::Operation>>;

struct Progress {
  std::set<ThreadOperation> open;
  std::map<std::pair<std::size_t, model::Id<model::Loop>>, std::size_t> rounds; // since the loop was entered
  // Since the last call of forget():
  std::set<ThreadOperation> ended;
  std::map<model::Id<model::Loop>, std::size_t> most_rounds;

  void follow(std::size_t thread, std::span<const semantics::Happening> happened);
  void forget();
};

// From the start of the run up to the state before action `upto`.
[[nodiscard]] Progress progress_before(const semantics::Interpreter& interpreter, const Run& run,
                                       std::size_t upto);

// What the silent tails of the start did, by thread.
[[nodiscard]] semantics::Start start_of(const semantics::Interpreter& interpreter, const Run& run);

} // namespace tdxcheck::audit
