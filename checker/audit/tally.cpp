// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/tally.h"

#include "audit/progress.h"

#include <algorithm>

namespace tdxcheck::audit {
namespace {

struct Counting {
  const Tally& tally;
  Tallied result = {};
  bool open = false, in_loop = false;
  std::int64_t now = 0;

  void begin() {
    open = true;
    now = 0;
  }
  void end() {
    open = false;
    if (in_loop) result.ends_in_loop = true;
  }
  void add(std::int64_t amount) {
    if (!open) return;
    now += amount;
    result.most = std::max(result.most, now);
    if (in_loop) result.in_loop += amount;
  }

  void operator()(const model::LoopEvent& e) {
    const bool is_unit = tally.unit == TallyUnit{e.loop};
    switch (e.action) {
    case model::LoopAction::enter:
      if (is_unit) begin();
      break;
    case model::LoopAction::again:
      if (tally.of == TallyOf{e.loop}) add(1);
      break;
    case model::LoopAction::leave:
      if (is_unit) end();
      break;
    }
  }
  void operator()(const model::OperationEvent& e) {
    if (tally.unit != TallyUnit{e.operation}) return;
    e.action == model::OperationAction::begin ? begin() : end();
  }
  void operator()(const semantics::CostHappening& cost) {
    if (tally.of == TallyOf{cost.kind}) add(cost.amount);
  }
  void operator()(const semantics::LockHappening&) {}
  void operator()(const model::ContextEvent&) {}
};

} // namespace

Tallied tally_along(const semantics::Interpreter& interpreter, const Run& run, const Tally& tally) {
  Counting counting{tally};
  const auto& threads = interpreter.instance().threads();
  const auto follow = [&](std::size_t thread, const std::vector<semantics::Happening>& happened) {
    if (threads[thread].name != tally.thread) return;
    for (const auto& what : happened) std::visit(counting, what);
  };
  const semantics::Start start = start_of(interpreter, run);
  for (std::size_t t = 0; t < start.happened.size(); ++t) follow(t, start.happened[t]);
  for (std::size_t i = 0; i < run.actions.size(); ++i) {
    counting.in_loop = run.loop && i >= *run.loop;
    follow(run.actions[i].thread, run.actions[i].happened);
  }
  counting.result.open_at_end = counting.open;
  return counting.result;
}

} // namespace tdxcheck::audit
