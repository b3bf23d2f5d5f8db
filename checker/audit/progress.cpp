// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/progress.h"

#include "support/contract.h"

#include <algorithm>

namespace tdxcheck::audit {
namespace {

struct Follow {
  Progress& progress;
  std::size_t thread;

  void operator()(const model::OperationEvent& e) const {
    switch (e.action) {
    case model::OperationAction::begin: progress.open.insert({thread, e.operation}); break;
    case model::OperationAction::end:
      progress.open.erase({thread, e.operation});
      progress.ended.insert({thread, e.operation});
      break;
    }
  }
  void operator()(const model::LoopEvent& e) const {
    auto& rounds = progress.rounds[{thread, e.loop}];
    switch (e.action) {
    case model::LoopAction::enter: rounds = 0; break;
    case model::LoopAction::again: {
      auto& most = progress.most_rounds[e.loop];
      most = std::max(most, ++rounds);
      break;
    }
    case model::LoopAction::leave: break;
    }
  }
  void operator()(const semantics::LockHappening&) const {}
  void operator()(const model::ContextEvent&) const {}
  void operator()(const semantics::CostHappening&) const {}
};

} // namespace

void Progress::follow(std::size_t thread, std::span<const semantics::Happening> happened) {
  for (const semantics::Happening& h : happened) std::visit(Follow{*this, thread}, h);
}

void Progress::forget() {
  ended.clear();
  most_rounds.clear();
}

semantics::Start start_of(const semantics::Interpreter& interpreter, const Run& run) {
  std::optional<semantics::Start> found;
  interpreter.each_start([&](const semantics::Start& start) {
    if (start.state == run.start) found = start;
    return !found;
  });
  support::expects(found.has_value(), "a run begins in an initial state");
  return *found;
}

Progress progress_before(const semantics::Interpreter& interpreter, const Run& run, std::size_t upto) {
  Progress progress;
  const semantics::Start start = start_of(interpreter, run);
  for (std::size_t t = 0; t < start.happened.size(); ++t) progress.follow(t, start.happened[t]);
  for (std::size_t i = 0; i < upto; ++i) progress.follow(run.actions[i].thread, run.actions[i].happened);
  return progress;
}

} // namespace tdxcheck::audit
