// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a thread holds is a function of its label (model/label_context.h). So each rule is a condition on the
// state: at a label, what any step there would acquire, its guard aside (a thread that waits for its own lock
// never takes the step that would show it), and what an end label leaves held; in a step that may be taken,
// what it tries or releases.

#include "emit/smt2_claims.h"

#include "emit/smt2_terms.h"
#include "model/label_context.h"
#include "support/error.h"

#include <algorithm>

namespace tdxcheck::emit::smt2 {
namespace {

using model::ContextAction;
using model::Expr;
using model::HeldLock;
using model::LabelContext;
using model::LockAction;
using model::LockEvent;
using model::LockMode;

// One step of a thread from the context of its label; what it does wrong is collected as conditions on s.
class Passage {
public:
  Passage(const Expressions& to, const Speaker& speaker, LabelContext context)
      : to_(to), speaker_(speaker), context_(std::move(context)) {}

  std::vector<std::string> at_label, in_step;

  void pass(const std::vector<model::Fact>& facts) {
    for (const model::Fact& fact : facts) {
      if (const auto* lock = std::get_if<LockEvent>(&fact)) pass(*lock);
      if (const auto* event = std::get_if<model::ContextEvent>(&fact)) pass(event->action);
    }
  }

private:
  // The lock that is meant is one of those held: by all three, or whoever is asked to compare.
  template <class Counts>
  [[nodiscard]] std::string is_held(const LockEvent& event, Counts counts) const {
    std::vector<std::string> ways;
    for (const HeldLock& held : context_.held)
      if (held.lock == event.lock && counts(held)) ways.push_back(same_instance(held, event));
    return any_of(ways);
  }

  [[nodiscard]] std::string same_instance(const HeldLock& held, const LockEvent& event) const {
    std::vector<std::string> same;
    for (std::size_t i = 0; i < event.instance.size(); ++i) {
      const Term a = to_.term(held.instance[i], speaker_), b = to_.term(event.instance[i], speaker_);
      same.push_back(all_of({a.defined, b.defined, a.text == b.text ? yes : equals(a.text, b.text)}));
    }
    return all_of(same);
  }

  // Held instances before the new one, in the order of tuples.
  [[nodiscard]] std::string ascending(const HeldLock& held, const LockEvent& event) const {
    std::string before = no;
    for (std::size_t i = event.instance.size(); i-- > 0;) {
      const std::string a = to_.term(held.instance[i], speaker_).text;
      const std::string b = to_.term(event.instance[i], speaker_).text;
      const std::string equal = a == b ? yes : equals(a, b);
      before = any_of({a == b ? no : ordered("<", a, b), both(equal, before)});
    }
    return before;
  }

  [[nodiscard]] std::string is_defined(const std::vector<Expr>& instance) const {
    std::vector<std::string> defined;
    for (const Expr& e : instance) defined.push_back(to_.term(e, speaker_).defined);
    return all_of(defined);
  }

  void acquire(const LockEvent& event) {
    at_label.push_back(is_held(event, [](const HeldLock&) { return true; }));
    const model::Lock& lock = to_.instance().model().locks[event.lock];
    if (lock.sleeping && (context_.in_irq || context_.irqs_off || context_.preempt_off))
      at_label.push_back(yes);
    if (!lock.rank) return;
    for (const HeldLock& held : context_.held) {
      const auto outer = to_.instance().model().locks[held.lock].rank;
      if (!outer || *outer < *lock.rank) continue;
      if (*outer == *lock.rank && held.lock == event.lock)
        at_label.push_back(
            all_of({is_defined(event.instance), is_defined(held.instance), negated(ascending(held, event))}));
      else at_label.push_back(yes);
    }
  }

  void pass(const LockEvent& event) {
    const bool alone = event.mode == LockMode::exclusive;
    switch (event.action) {
    case LockAction::acquire: acquire(event); break;
    case LockAction::try_acquire:
    case LockAction::busy:
      in_step.push_back(
          is_held(event, [&](const HeldLock& held) { return alone || held.mode == LockMode::exclusive; }));
      break;
    case LockAction::release:
      in_step.push_back(both(is_defined(event.instance), negated(is_held(event, [&](const HeldLock& held) {
                               return held.mode == event.mode;
                             }))));
      return release(event);
    }
    if (event.action != LockAction::busy) context_.held.push_back({event.lock, event.instance, event.mode});
  }

  void release(const LockEvent& event) {
    const HeldLock released{event.lock, event.instance, event.mode};
    const auto last = std::find(context_.held.rbegin(), context_.held.rend(), released);
    if (last != context_.held.rend()) context_.held.erase(std::next(last).base());
  }

  void pass(ContextAction action) {
    switch (action) {
    case ContextAction::irqs_off: context_.irqs_off = true; break;
    case ContextAction::irqs_on: context_.irqs_off = false; break;
    case ContextAction::preempt_off: context_.preempt_off = true; break;
    case ContextAction::preempt_on: context_.preempt_off = false; break;
    case ContextAction::irq_enter: context_.in_irq = true; break;
    case ContextAction::irq_exit: context_.in_irq = false; break;
    }
  }

  const Expressions& to_;
  const Speaker& speaker_;
  LabelContext context_;
};

} // namespace

std::string breach_of_lock_discipline(System& system) {
  const model::Model& model = system.instance().model();
  std::vector<model::Problem> problems;
  const auto contexts = model::label_contexts(model, problems);
  if (!problems.empty()) throw support::InputError(model::describe(problems));
  std::vector<std::string> breaches;
  for (const Move& move : system.moves()) {
    const auto& who = system.instance().threads()[move.thread];
    const auto& context = contexts[who.thread.value][move.step->from.value];
    if (!context.reached) continue;
    Passage passage(system.expressions(), move.speaker, context);
    passage.pass(move.step->facts);
    breaches.push_back(both(system.is_at(move.thread, move.step->from), any_of(passage.at_label)));
    breaches.push_back(both(call(move.may, {"s"}), any_of(passage.in_step)));
  }
  for (std::size_t t = 0; t < system.instance().threads().size(); ++t) {
    const auto& who = system.instance().threads()[t];
    const model::Thread& thread = model.threads[who.thread];
    Speaker speaker;
    if (thread.over) speaker.self = who.member;
    Passage start(system.expressions(), speaker, {});
    start.pass(thread.start_facts);
    breaches.push_back(both(call("init", {"s"}), any_of(start.in_step)));
    for (const auto label : thread.labels.ids()) {
      const LabelContext& context = contexts[who.thread.value][label.value];
      const bool is_wrong = !context.held.empty() || context.irqs_off || context.preempt_off;
      if (thread.labels[label].end && context.reached && is_wrong) breaches.push_back(system.is_at(t, label));
    }
  }
  return any_of(breaches);
}

} // namespace tdxcheck::emit::smt2
