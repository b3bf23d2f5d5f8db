// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/lock_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace tdxcheck::prove {
namespace {

using model::BinaryOp;
using model::Expr;
using model::HeldLock;
using model::LockEvent;
using model::LockMode;

// Of two tuples: a == b, and a < b from some place on.
Expr equal_from(const std::vector<Expr>& a, const std::vector<Expr>& b, std::size_t place) {
  if (place >= a.size() || place >= b.size()) return model::truth(true);
  const Expr rest = equal_from(a, b, place + 1);
  return model::conjunction(model::binary(BinaryOp::equal, a[place], b[place]), rest);
}
Expr less_from(const std::vector<Expr>& a, const std::vector<Expr>& b, std::size_t place) {
  if (place >= a.size() || place >= b.size()) return model::truth(false);
  const Expr later =
      model::conjunction(model::binary(BinaryOp::equal, a[place], b[place]), less_from(a, b, place + 1));
  return model::disjunction(model::binary(BinaryOp::less, a[place], b[place]), later);
}

struct Follow {
  const model::Model& model;
  model::LabelContext now;
  Breaches found = {};

  template <class Matches>
  [[nodiscard]] Expr any_held(const LockEvent& event, Matches matches) const {
    Expr any = model::truth(false);
    for (const HeldLock& held : now.held)
      if (held.lock == event.lock && matches(held))
        any = model::disjunction(any, equal_from(held.instance, event.instance, 0));
    return any;
  }

  void about_to(Expr condition, std::string what) {
    if (!model::is_false(condition)) found.at_label.push_back({std::move(condition), std::move(what)});
  }
  void by_taking(Expr condition, std::string what) {
    if (!model::is_false(condition)) found.in_step.push_back({std::move(condition), std::move(what)});
  }

  void acquire(const LockEvent& event) {
    const model::Lock& lock = model.locks[event.lock];
    about_to(any_held(event, [](const HeldLock&) { return true; }),
             fmt::format("acquires {}, which it holds itself", lock.name));
    if (lock.sleeping && (now.in_irq || now.irqs_off || now.preempt_off))
      about_to(model::truth(true), fmt::format("acquires {}, which may sleep, {}", lock.name,
                                               now.in_irq     ? "in an interrupt"
                                               : now.irqs_off ? "with IRQs off"
                                                              : "with preemption off"));
    for (const HeldLock& held : now.held) {
      const auto outer = model.locks[held.lock].rank;
      if (!outer || !lock.rank || *outer < *lock.rank) continue;
      Expr wrong = model::truth(true);
      if (*outer == *lock.rank && held.lock == event.lock)
        wrong = model::negation(less_from(held.instance, event.instance, 0));
      about_to(wrong, fmt::format("acquires {} while it holds {}, against the documented order", lock.name,
                                  model.locks[held.lock].name));
    }
  }

  void operator()(const LockEvent& event) {
    const std::string& name = model.locks[event.lock].name;
    switch (event.action) {
    case model::LockAction::acquire:
      acquire(event);
      now.held.push_back({event.lock, event.instance, event.mode});
      return;
    case model::LockAction::try_acquire:
    case model::LockAction::busy: {
      const bool alone = event.mode == LockMode::exclusive;
      by_taking(
          any_held(event, [&](const HeldLock& held) { return alone || held.mode == LockMode::exclusive; }),
          fmt::format("tries {}, which it holds itself", name));
      if (event.action == model::LockAction::try_acquire)
        now.held.push_back({event.lock, event.instance, event.mode});
      return;
    }
    case model::LockAction::release: {
      by_taking(
          model::negation(any_held(event, [&](const HeldLock& held) { return held.mode == event.mode; })),
          fmt::format("releases {}, which it does not hold in that mode", name));
      const HeldLock released{event.lock, event.instance, event.mode};
      const auto last = std::find(now.held.rbegin(), now.held.rend(), released);
      if (last != now.held.rend()) now.held.erase(std::next(last).base());
      return;
    }
    }
  }
  void operator()(const model::ContextEvent& event) {
    switch (event.action) {
    case model::ContextAction::irqs_off: now.irqs_off = true; return;
    case model::ContextAction::irqs_on: now.irqs_off = false; return;
    case model::ContextAction::preempt_off: now.preempt_off = true; return;
    case model::ContextAction::preempt_on: now.preempt_off = false; return;
    case model::ContextAction::irq_enter: now.in_irq = true; return;
    case model::ContextAction::irq_exit: now.in_irq = false; return;
    }
  }
  void operator()(const model::WaitForLock&) {}
  void operator()(const model::WaitForThreads&) {}
  void operator()(const model::WaitForCpu&) {}
  void operator()(const model::LoopEvent&) {}
  void operator()(const model::OperationEvent&) {}
  void operator()(const model::Assertion&) {}
  void operator()(const model::Cost&) {}
  void operator()(const model::RanUnder&) {}
};

} // namespace

Breaches breaches_of(const model::Model& model, model::LabelContext at_label,
                     const std::vector<model::Fact>& facts) {
  Follow follow{model, std::move(at_label)};
  for (const model::Fact& fact : facts) std::visit(follow, fact);
  return std::move(follow.found);
}

std::string wrong_at_end(const model::Model& model, const model::LabelContext& at_label) {
  if (!at_label.held.empty())
    return fmt::format("ends while it holds {}", model.locks[at_label.held.front().lock].name);
  if (at_label.irqs_off) return "ends with IRQs off";
  if (at_label.preempt_off) return "ends with preemption off";
  return "";
}

} // namespace tdxcheck::prove
