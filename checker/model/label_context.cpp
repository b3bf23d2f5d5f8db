// SPDX-License-Identifier: GPL-2.0-or-later
//
// A forward pass per thread: the first path to a label gives it its context, and every other step that leads
// there must bring the same. A label is gone on from once, so the pass ends even where a loop takes a lock it
// never releases; that shows as a difference at the loop's head.
//
// A held lock is written down as it was acquired, `page[i]`, and looked up in later states. That is right
// only as long as `i` stays, so a step that changes `i` meanwhile is a problem, as is an instance that a
// choice names.
#include "model/label_context.h"

#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>

namespace tdxcheck::model {
namespace {

// Whether an expression names one of the variables, or (none given) anything bound.
struct Names {
  const std::vector<Update>* updates;

  bool any(const std::vector<Expr>& list) const {
    return std::ranges::any_of(list, [&](const Expr& e) { return in(e); });
  }
  bool in(const Expr& e) const { return std::visit(*this, e.node().kind); }

  bool operator()(const VariableRef& e) const {
    const bool set = updates != nullptr && std::ranges::any_of(*updates, [&](const Update& update) {
                       return update.target.variable == e.variable;
                     });
    return set || any(e.at);
  }
  bool operator()(const BoundRef&) const { return updates == nullptr; }
  bool operator()(const Literal&) const { return false; }
  bool operator()(const ParameterRef&) const { return false; }
  bool operator()(const Kept&) const { return false; }
  bool operator()(const Self&) const { return false; }
  bool operator()(const Unary& e) const { return in(e.operand); }
  bool operator()(const Binary& e) const { return in(e.left) || in(e.right); }
  bool operator()(const Conditional& e) const { return in(e.condition) || in(e.then) || in(e.otherwise); }
  bool operator()(const Wrap& e) const { return in(e.operand); }
  bool operator()(const Quantified& e) const { return in(e.body); }
  bool operator()(const InRegion& e) const { return any(e.member); }
};

std::string lock_name(const Model& model, const HeldLock& held) {
  std::string name = model.locks[held.lock].name;
  for (const Expr& e : held.instance) name += "[" + print(model, e) + "]";
  return name + (held.mode == LockMode::shared ? " (shared)" : "");
}

template <class Row, class Table>
std::string names_of(const std::vector<Id<Row>>& ids, const Table& table) {
  std::vector<std::string> names;
  for (const Id<Row> id : ids) names.push_back(table[id].name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// Locks held are a set: two of them may be taken in either order.
bool same_locks(const std::vector<HeldLock>& a, const std::vector<HeldLock>& b) {
  return std::ranges::is_permutation(a, b);
}

bool same(const LabelContext& a, const LabelContext& b) {
  return same_locks(a.held, b.held) && a.irqs_off == b.irqs_off && a.preempt_off == b.preempt_off &&
         a.in_irq == b.in_irq && a.operations == b.operations && a.loops == b.loops;
}

std::string describe(const Model& model, const LabelContext& context) {
  std::vector<std::string> parts;
  for (const HeldLock& held : context.held) parts.push_back("holding " + lock_name(model, held));
  if (context.irqs_off) parts.emplace_back("IRQs off");
  if (context.preempt_off) parts.emplace_back("preemption off");
  if (context.in_irq) parts.emplace_back("in an interrupt");
  if (!context.operations.empty())
    parts.push_back("in operation " + names_of(context.operations, model.operations));
  if (!context.loops.empty()) parts.push_back("in loop " + names_of(context.loops, model.loops));
  return parts.empty() ? "with nothing held or open" : fmt::format("{}", fmt::join(parts, ", "));
}

// What a step does to the context of its label, fact by fact.
class Passage {
public:
  Passage(const Model& model, const Step& step, std::vector<Problem>& problems)
      : model_(model), step_(step), problems_(problems) {}

  LabelContext through(LabelContext context) {
    after_ = std::move(context);
    for (const Fact& fact : step_.facts) std::visit(*this, fact);
    const Names changed{&step_.updates};
    for (const HeldLock& held : after_.held)
      if (changed.any(held.instance))
        report("the step changes what the lock {} depends on while it is held", lock_name(model_, held));
    return std::move(after_);
  }

  void operator()(const LockEvent& fact) {
    const HeldLock lock{fact.lock, fact.instance, fact.mode};
    switch (fact.action) {
    case LockAction::acquire:
    case LockAction::try_acquire:
      if (Names{nullptr}.any(fact.instance))
        report("the lock {} is named by a choice of the step, which is forgotten after it",
               lock_name(model_, lock));
      after_.held.push_back(lock);
      return;
    case LockAction::busy: return;
    case LockAction::release: release(lock); return;
    }
  }

  void operator()(const ContextEvent& fact) {
    switch (fact.action) {
    case ContextAction::irqs_off: after_.irqs_off = true; return;
    case ContextAction::irqs_on: after_.irqs_off = false; return;
    case ContextAction::preempt_off: after_.preempt_off = true; return;
    case ContextAction::preempt_on: after_.preempt_off = false; return;
    case ContextAction::irq_enter: after_.in_irq = true; return;
    case ContextAction::irq_exit: after_.in_irq = false; return;
    }
  }

  void operator()(const OperationEvent& fact) {
    const std::string name = model_.operations[fact.operation].name;
    switch (fact.action) {
    case OperationAction::begin: open(after_.operations, fact.operation, "operation", name); return;
    case OperationAction::end: close(after_.operations, fact.operation, "operation", name); return;
    }
  }

  void operator()(const LoopEvent& fact) {
    const std::string name = model_.loops[fact.loop].name;
    switch (fact.action) {
    case LoopAction::enter: open(after_.loops, fact.loop, "loop", name); return;
    case LoopAction::again: return;
    case LoopAction::leave: close(after_.loops, fact.loop, "loop", name); return;
    }
  }

  void operator()(const WaitForLock&) {}
  void operator()(const WaitForThreads&) {}
  void operator()(const WaitForCpu&) {}
  void operator()(const Assertion&) {}
  void operator()(const Cost&) {}
  void operator()(const RanUnder&) {}

private:
  template <class... Arguments>
  void report(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    problems_.push_back({step_.source, fmt::format(text, std::forward<Arguments>(arguments)...)});
  }

  void release(const HeldLock& lock) {
    const auto last = std::find(after_.held.rbegin(), after_.held.rend(), lock);
    if (last != after_.held.rend()) after_.held.erase(std::next(last).base());
  }

  template <class Row>
  void open(std::vector<Id<Row>>& opened, Id<Row> id, std::string_view kind, const std::string& name) {
    if (std::ranges::find(opened, id) == opened.end()) opened.push_back(id);
    else report("the {} `{}` is begun inside itself", kind, name);
  }

  template <class Row>
  void close(std::vector<Id<Row>>& opened, Id<Row> id, std::string_view kind, const std::string& name) {
    if (std::erase(opened, id) == 0) report("the {} `{}` is left where it is not open", kind, name);
  }

  const Model& model_;
  const Step& step_;
  std::vector<Problem>& problems_;
  LabelContext after_;
};

std::vector<LabelContext> contexts_of(const Model& model, const Thread& thread,
                                      std::vector<Problem>& problems) {
  std::vector<LabelContext> contexts(thread.labels.size());
  Step start; // what silent steps did before the first step (lower/)
  start.facts = thread.start_facts;
  start.source = thread.source;
  contexts.at(thread.start.value) = Passage(model, start, problems).through({});
  contexts.at(thread.start.value).reached = true;
  std::deque<Id<Label>> open{thread.start};
  while (!open.empty()) {
    const Id<Label> from = open.front();
    open.pop_front();
    for (const Step& step : thread.steps) {
      if (step.from != from || is_false(step.guard)) continue;
      LabelContext after = Passage(model, step, problems).through(contexts[from.value]);
      LabelContext& there = contexts.at(step.to.value);
      if (!there.reached) {
        there = std::move(after);
        open.push_back(step.to);
      } else if (!same(there, after)) {
        problems.push_back(
            {step.source, fmt::format("the label `{}` of the thread `{}` is reached {}, and by this "
                                      "step {}",
                                      thread.labels[step.to].name, thread.name, describe(model, there),
                                      describe(model, after))});
      }
    }
  }
  return contexts;
}

} // namespace

std::vector<std::vector<LabelContext>> label_contexts(const Model& model, std::vector<Problem>& problems) {
  std::vector<std::vector<LabelContext>> all;
  for (const Thread& thread : model.threads) all.push_back(contexts_of(model, thread, problems));
  return all;
}

} // namespace tdxcheck::model
