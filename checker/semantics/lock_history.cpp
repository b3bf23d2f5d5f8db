// SPDX-License-Identifier: GPL-2.0-or-later
#include "semantics/lock_history.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::semantics {
namespace {

using model::LockAction;
using model::LockMode;
using Complaint = std::optional<std::string>;

bool same_lock(const Held& held, const LockHappening& e) {
  return held.lock == e.lock && held.instance == e.instance;
}

bool holds(const LockHistory& history, const LockHappening& e) {
  return std::any_of(history.held.begin(), history.held.end(),
                     [&](const Held& h) { return same_lock(h, e); });
}

bool holds_exclusively(const LockHistory& history, const LockHappening& e) {
  return std::any_of(history.held.begin(), history.held.end(),
                     [&](const Held& h) { return same_lock(h, e) && h.mode == LockMode::exclusive; });
}

Complaint release(const model::Model& model, LockHistory& history, const LockHappening& e) {
  for (auto h = history.held.rbegin(); h != history.held.rend(); ++h) {
    if (!same_lock(*h, e) || h->mode != e.mode) continue;
    history.held.erase(std::next(h).base());
    return {};
  }
  return fmt::format("releases {}, which it does not hold{}", name_of(model, e.lock, e.instance),
                     holds(history, e) ? " in that mode" : "");
}

// What taking the step is wrong for.
struct Follow {
  const model::Model& model;
  LockHistory& history;

  Complaint operator()(const LockHappening& e) const {
    if (e.action == LockAction::release) return release(model, history, e);
    Complaint complaint;
    const bool tries = e.action == LockAction::try_acquire || e.action == LockAction::busy;
    if (tries && (holds_exclusively(history, e) || (e.mode == LockMode::exclusive && holds(history, e))))
      complaint = fmt::format("tries {}, which it holds itself", name_of(model, e.lock, e.instance));
    if (e.action != LockAction::busy) history.held.push_back({e.lock, e.instance, e.mode});
    return complaint;
  }
  Complaint operator()(const model::ContextEvent& e) const {
    switch (e.action) {
    case model::ContextAction::irqs_off: history.irqs_off = true; break;
    case model::ContextAction::irqs_on: history.irqs_off = false; break;
    case model::ContextAction::preempt_off: history.preempt_off = true; break;
    case model::ContextAction::preempt_on: history.preempt_off = false; break;
    case model::ContextAction::irq_enter: history.in_irq = true; break;
    case model::ContextAction::irq_exit: history.in_irq = false; break;
    }
    return {};
  }
  Complaint operator()(const model::LoopEvent&) const { return {}; }
  Complaint operator()(const model::OperationEvent&) const { return {}; }
  Complaint operator()(const CostHappening&) const { return {}; }
};

Complaint wrong_order(const model::Model& model, const LockHistory& history, const LockHappening& e) {
  const auto rank = model.locks[e.lock].rank;
  if (!rank) return {};
  for (const Held& h : history.held) {
    const auto outer = model.locks[h.lock].rank;
    if (!outer || *outer < *rank) continue;
    if (*outer == *rank && h.lock == e.lock && h.instance < e.instance) continue;
    return fmt::format("acquires {} while it holds {}, against the documented order",
                       name_of(model, e.lock, e.instance), name_of(model, h.lock, h.instance));
  }
  return {};
}

// What being about to acquire is wrong for.
Complaint wrong_to_acquire(const model::Model& model, const LockHistory& history, const LockHappening& e) {
  const std::string name = name_of(model, e.lock, e.instance);
  if (holds(history, e)) return fmt::format("acquires {}, which it holds itself", name);
  if (model.locks[e.lock].sleeping) {
    if (history.in_irq) return fmt::format("acquires {}, which may sleep, in an interrupt", name);
    if (history.irqs_off) return fmt::format("acquires {}, which may sleep, with IRQs off", name);
    if (history.preempt_off) return fmt::format("acquires {}, which may sleep, with preemption off", name);
  }
  return wrong_order(model, history, e);
}

Complaint wrong_at_end(const model::Model& model, const LockHistory& history) {
  if (!history.held.empty())
    return fmt::format("ends while it holds {}",
                       name_of(model, history.held.front().lock, history.held.front().instance));
  if (history.irqs_off) return "ends with IRQs off";
  if (history.preempt_off) return "ends with preemption off";
  return {};
}

} // namespace

Complaint follow(const model::Model& model, LockHistory& history, std::span<const Happening> happened) {
  Complaint first;
  for (const Happening& h : happened) {
    const Complaint complaint = std::visit(Follow{model, history}, h);
    if (!first) first = complaint;
  }
  return first;
}

Complaint wrong_at_label(const Interpreter& interpreter, const State& state, std::size_t thread,
                         const LockHistory& history) {
  const model::Model& model = interpreter.instance().model();
  if (interpreter.at_end(state, thread)) {
    if (const Complaint complaint = wrong_at_end(model, history)) return complaint;
  }
  for (const std::vector<Happening>& attempt : interpreter.attempts(state, thread)) {
    // What the step did before it comes to its acquire is part of the history by then.
    LockHistory so_far = history;
    for (const Happening& h : attempt) {
      const auto* e = std::get_if<LockHappening>(&h);
      if (e != nullptr && e->action == LockAction::acquire) {
        if (const Complaint complaint = wrong_to_acquire(model, so_far, *e)) return complaint;
      }
      static_cast<void>(follow(model, so_far, {&h, 1}));
    }
  }
  return {};
}

std::string name_of(const model::Model& model, model::Id<model::Lock> lock,
                    std::span<const model::Value> instance) {
  std::string name = model.locks[lock].name;
  for (const model::Value member : instance) name += fmt::format("[{}]", member);
  return name;
}

} // namespace tdxcheck::semantics
