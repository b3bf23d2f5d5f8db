// SPDX-License-Identifier: GPL-2.0-or-later
//
// lock_discipline: what a thread holds is a function of its label (model/label_context.h), so every rule
// becomes, per label or per move, a condition on the state that breaks it; nearly all of them fold to false
// when the instances are known, and cost nothing.
//
//  at a label  a move there would acquire what the thread holds already; or a lock that may sleep with IRQs
//  or
//              preemption off or inside an interrupt; or, blocking, one that is ranked below one that is held
//              (of the same rank: only the same class, instances ascending). Guards aside: a thread that
//              waits for its own lock never takes the move that would show it. Or it is an end label, and
//              something is held.
//  in a move   something is tried that the thread holds exclusively, or wants exclusively while it holds it;
//  or
//              something is released that is not held in that mode.
//
// Checked against semantics/, which watches histories instead of labels.

#include <algorithm>

#include <fmt/format.h>

#include "explore/settled_keys.h"
#include "explore/watch.h"
#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

using model::Expr;
using model::LockAction;
using model::LockMode;
using Program = InterpretedSystem::Program;

// A way to break a rule: whenever the condition holds, in these words.
struct Breach {
  Expr condition;
  std::string what;                        // "acquires {}, which it holds itself"
  const model::LockEvent* event = nullptr; // names {}
};

Expr same_instance(const std::vector<Expr>& a, const std::vector<Expr>& b) {
  Expr same = model::truth(true);
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    same = model::conjunction(same, model::binary(model::BinaryOp::equal, a[i], b[i]));
  }
  return same;
}

// a before b, in the order of tuples.
Expr ascending(const std::vector<Expr>& a, const std::vector<Expr>& b) {
  Expr before = model::truth(false);
  for (std::size_t i = std::min(a.size(), b.size()); i-- > 0;) {
    const Expr later = model::conjunction(model::binary(model::BinaryOp::equal, a[i], b[i]), before);
    before = model::disjunction(model::binary(model::BinaryOp::less, a[i], b[i]), later);
  }
  return before;
}

// One move, fact by fact, from the context of its label.
class Walk {
public:
  Walk(const model::Model& model, model::LabelContext context)
      : model_(model), context_(std::move(context)) {}

  std::vector<Breach> at_label, in_move;

  void follow(const model::Fact& fact) {
    if (const auto* event = std::get_if<model::LockEvent>(&fact)) lock(*event);
    if (const auto* event = std::get_if<model::ContextEvent>(&fact)) context(*event);
  }

private:
  void lock(const model::LockEvent& event) {
    switch (event.action) {
    case LockAction::acquire: acquire(event); break;
    case LockAction::try_acquire:
    case LockAction::busy: attempt(event); break;
    case LockAction::release: return release(event);
    }
    if (event.action != LockAction::busy) context_.held.push_back({event.lock, event.instance, event.mode});
  }

  [[nodiscard]] Expr is_held(const model::LockEvent& event, bool only_exclusive) const {
    Expr held = model::truth(false);
    for (const model::HeldLock& h : context_.held) {
      if (h.lock != event.lock || (only_exclusive && h.mode != LockMode::exclusive)) continue;
      held = model::disjunction(held, same_instance(h.instance, event.instance));
    }
    return held;
  }

  void acquire(const model::LockEvent& event) {
    at_label.push_back({is_held(event, false), "acquires {}, which it holds itself", &event});
    if (model_.locks[event.lock].sleeping) {
      const auto asleep = [&](bool off, const char* where) {
        if (off)
          at_label.push_back(
              {model::truth(true), fmt::format("acquires {{}}, which may sleep, {}", where), &event});
      };
      asleep(context_.in_irq, "in an interrupt");
      asleep(context_.irqs_off, "with IRQs off");
      asleep(context_.preempt_off, "with preemption off");
    }
    for (const model::HeldLock& h : context_.held) order(h, event);
  }

  void order(const model::HeldLock& held, const model::LockEvent& event) {
    const auto outer = model_.locks[held.lock].rank, inner = model_.locks[event.lock].rank;
    if (!outer || !inner || *outer < *inner) return;
    Expr wrong = model::truth(true);
    if (*outer == *inner && held.lock == event.lock)
      wrong = model::negation(ascending(held.instance, event.instance));
    at_label.push_back({wrong,
                        fmt::format("acquires {{}} while it holds {}, against the documented order",
                                    model_.locks[held.lock].name),
                        &event});
  }

  void attempt(const model::LockEvent& event) {
    const bool wants_alone = event.mode == LockMode::exclusive;
    in_move.push_back({is_held(event, !wants_alone), "tries {}, which it holds itself", &event});
  }

  void release(const model::LockEvent& event) {
    Expr held = model::truth(false);
    for (const model::HeldLock& h : context_.held) {
      if (h.lock != event.lock || h.mode != event.mode) continue;
      held = model::disjunction(held, same_instance(h.instance, event.instance));
    }
    in_move.push_back({model::negation(held), "releases {}, which it does not hold in that mode", &event});
    const model::HeldLock released{event.lock, event.instance, event.mode};
    const auto last = std::find(context_.held.rbegin(), context_.held.rend(), released);
    if (last != context_.held.rend()) context_.held.erase(std::next(last).base());
  }

  void context(const model::ContextEvent& event) {
    switch (event.action) {
    case model::ContextAction::irqs_off: context_.irqs_off = true; break;
    case model::ContextAction::irqs_on: context_.irqs_off = false; break;
    case model::ContextAction::preempt_off: context_.preempt_off = true; break;
    case model::ContextAction::preempt_on: context_.preempt_off = false; break;
    case model::ContextAction::irq_enter: context_.in_irq = true; break;
    case model::ContextAction::irq_exit: context_.in_irq = false; break;
    }
  }

  const model::Model& model_;
  model::LabelContext context_;
};

class WatchLocks : public Watch {
public:
  WatchLocks(InterpretedSystem& system, const Contexts& contexts) : system_(system) {
    const auto& threads = system.instance().threads();
    for (std::size_t t = 0; t < threads.size(); ++t) {
      const model::Thread& thread = system.instance().model().threads[threads[t].thread];
      at_label_.emplace_back(thread.labels.size());
      in_move_.emplace_back(system.moves()[t].moves.size());
      for (auto label : thread.labels.ids()) look_at_end(t, thread, label, contexts[threads[t].thread.value]);
      for (std::size_t m = 0; m < in_move_[t].size(); ++m)
        look_at_move(t, m, contexts[threads[t].thread.value]);
      for (Checks& checks : at_label_[t]) remember(checks);
      for (Checks& checks : in_move_[t]) remember(checks);
    }
  }

  [[nodiscard]] bool looks_at_moves() const override { return true; }
  [[nodiscard]] bool looks_at_move(Move move) const override {
    return !in_move_[move.thread][move.step].checks.empty();
  }

  [[nodiscard]] bool looks_at_label(std::size_t thread, model::Id<model::Label> label) const override {
    return !at_label_[thread][label.value].checks.empty();
  }

  std::optional<Sighting> at_state(StateView state) override {
    for (std::size_t t = 0; t < at_label_.size(); ++t) {
      Checks& here = at_label_[t][system_.label(state, t).value];
      if (here.checks.empty()) continue;
      if (auto seen = broken(state, t, here)) return seen;
    }
    return {};
  }

  std::optional<Sighting> at_move(StateView from, Move move, std::uint8_t) override {
    Checks& checks = in_move_[move.thread][move.step];
    if (checks.checks.empty()) return {};
    system_.load(from);
    return broken(from, move.thread, checks);
  }

private:
  struct Check {
    Program broken;
    std::string what;
    const model::LockEvent* event;
    Surroundings here;
  };
  struct Checks {
    std::vector<Check> checks;
    SettledKeys settled; // none of them is broken
  };

  // The state is loaded.
  std::optional<Sighting> broken(StateView state, std::size_t thread, Checks& checks) {
    if (checks.settled.has(state)) return {};
    for (const Check& check : checks.checks) {
      // Without its guard, what the move would acquire need not exist.
      if (system_.value_if_any(check.broken).value_or(0) != 0) return sighting(state, thread, check);
    }
    checks.settled.add(state);
    return {};
  }

  void add(Checks& checks, const Breach& breach, const Surroundings& here) {
    const Program broken = system_.compile(breach.condition, here);
    if (!broken.known || *broken.known != 0)
      checks.checks.push_back({broken, breach.what, breach.event, here});
  }

  void remember(Checks& checks) const {
    std::vector<bool> reads(system_.layout().fields().size(), false);
    for (const Check& check : checks.checks) {
      const std::vector<bool> more = system_.fields_read(check.broken);
      for (std::size_t f = 0; f < reads.size(); ++f) reads[f] = reads[f] || more[f];
    }
    checks.settled = {system_.layout(), reads};
  }

  void look_at_move(std::size_t t, std::size_t m, const std::vector<model::LabelContext>& contexts) {
    const Move move{static_cast<std::uint16_t>(t), static_cast<std::uint16_t>(m)};
    const model::Step& step = system_.step_of(move);
    Walk walk(system_.instance().model(), contexts[step.from.value]);
    for (const model::Fact& fact : step.facts) walk.follow(fact);
    const Surroundings here =
        surroundings_of(system_.instance().threads()[t], step, system_.compiled(move).choices);
    for (const Breach& breach : walk.at_label) add(at_label_[t][step.from.value], breach, here);
    for (const Breach& breach : walk.in_move) add(in_move_[t][m], breach, here);
  }

  void look_at_end(std::size_t t, const model::Thread& thread, model::Id<model::Label> label,
                   const std::vector<model::LabelContext>& contexts) {
    if (!thread.labels[label].end) return;
    const model::LabelContext& context = contexts[label.value];
    std::string what;
    if (context.preempt_off) what = "ends with preemption off";
    if (context.irqs_off) what = "ends with IRQs off";
    if (!context.held.empty()) {
      what = fmt::format("ends while it holds {}",
                         system_.instance().model().locks[context.held.front().lock].name);
    }
    if (!what.empty()) at_label_[t][label.value].checks.push_back({{0, 1, {}}, what, nullptr, {}});
  }

  std::optional<Sighting> sighting(StateView state, std::size_t t, const Check& check) {
    std::string lock;
    if (check.event != nullptr) {
      lock = system_.instance().model().locks[check.event->lock].name;
      for (const Expr& member : check.event->instance) {
        lock += fmt::format("[{}]", system_.value(state, member, check.here));
      }
    }
    std::string what = check.what;
    if (const auto gap = what.find("{}"); gap != std::string::npos) what.replace(gap, 2, lock);
    return Sighting{fmt::format("{} {}", system_.instance().threads()[t].name, what), t};
  }

  InterpretedSystem& system_;
  std::vector<std::vector<Checks>> at_label_; // by thread, by label
  std::vector<std::vector<Checks>> in_move_;  // by thread, by move
};

} // namespace

std::unique_ptr<Watch> watch_locks(InterpretedSystem& system, const Contexts& contexts) {
  return std::make_unique<WatchLocks>(system, contexts);
}

} // namespace tdxcheck::explore
