// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/validation.h"

#include "model/print.h"

#include <algorithm>

namespace tdxcheck::model::validation {
namespace {

struct StepCheck {
  Findings& findings;
  Id<Thread> thread_id;
  const Step& step;
  Place place = {};

  const Model& model() const { return findings.model; }
  const Thread& thread() const { return model().threads[thread_id]; }

  template <class... Arguments>
  void refuse(fmt::format_string<Arguments...> text, Arguments&&... arguments) const {
    findings.add(step.source, text, std::forward<Arguments>(arguments)...);
  }

  void run() {
    if (!thread().labels.has(step.from) || !thread().labels.has(step.to)) {
      refuse("a step of the thread `{}` leads from or to a label that does not exist", thread().name);
      return;
    }
    place.source = &step.source;
    place.self = thread().over;
    if (step.silent) place.silent_in = thread_id;
    for (const Choice& choice : step.choices) bind(choice.bound, choice.set);
    expect_boolean(findings, place.called("the guard"), step.guard);
    for (const NamedConjunct& conjunct : step.named) check_conjunct(conjunct);
    check_updates();
    for (const Fact& fact : step.facts) std::visit(*this, fact);
  }

  void bind(const BoundName& name, Id<IndexSet> set) {
    if (!model().sets.has(set)) {
      refuse("`some {}` chooses from a set that does not exist", name.name);
      return;
    }
    for (const auto& [other, of] : place.bound)
      if (other.number == name.number) refuse("`{}` is chosen twice", name.name);
    place.bound.emplace_back(name, set);
  }

  void check_conjunct(const NamedConjunct& conjunct) const {
    if (!model().guards.has(conjunct.guard)) {
      refuse("a conjunct of the guard has a name that does not exist");
      return;
    }
    expect_boolean(findings, place.called("the guard", model().guards[conjunct.guard].name),
                   conjunct.condition);
  }

  void check_updates() const {
    for (std::size_t i = 0; i < step.updates.size(); ++i) {
      const Update& update = step.updates[i];
      if (!check_target(update)) continue;
      for (std::size_t j = 0; j < i; ++j)
        if (step.updates[j].target == update.target)
          refuse("`{}` is set twice in one step", print_reference(model(), update.target));
    }
  }

  // Whether the target may be printed.
  bool check_target(const Update& update) const {
    if (!model().variables.has(update.target.variable)) {
      refuse("an update sets a variable that does not exist");
      return false;
    }
    const Variable& variable = model().variables[update.target.variable];
    const Sort sort = sort_of(variable.type.scalar);
    const Place here = place.called("the update of", variable.name);
    if (!check_expression(findings, here, make(sort, update.target))) return false;
    check_ownership(variable, update.target);
    expect_sort(findings, here, update.value, sort);
    return true;
  }

  void check_ownership(const Variable& variable, const VariableRef& target) const {
    const auto* local = std::get_if<LocalScope>(&variable.scope);
    if (local == nullptr) return;
    const bool own = local->thread == thread_id &&
                     (!thread().over || std::holds_alternative<Self>(target.at.front().node().kind));
    if (!own)
      refuse("`{}` is a local of another thread; it may be read, not set", print_reference(model(), target));
  }

  // ---- facts ----------------------------------------------------------------------------------------------

  bool check_lock(Id<Lock> lock, const std::vector<Expr>& instance, LockMode mode) const {
    if (!model().locks.has(lock)) {
      refuse("a fact is about a lock that does not exist");
      return false;
    }
    const Lock& row = model().locks[lock];
    const bool only_exclusive =
        row.kind == LockKind::mutex || row.kind == LockKind::spinlock || row.kind == LockKind::exclusive;
    if (mode == LockMode::shared && only_exclusive)
      refuse("the lock `{}` is a {}, which nobody can share", row.name, name_of(row.kind));
    const std::string whose = fmt::format("the lock `{}`", row.name);
    expect_members(findings, place.called(whose), instance, row.over, whose);
    return true;
  }

  void operator()(const LockEvent& fact) const {
    if (!check_lock(fact.lock, fact.instance, fact.mode)) return;
    if (fact.action == LockAction::acquire && model().locks[fact.lock].module)
      refuse("the lock `{}` is one of the TDX module: it is tried, never waited for",
             model().locks[fact.lock].name);
  }
  void operator()(const WaitForLock& fact) const {
    if (!check_lock(fact.lock, fact.instance, fact.mode)) return;
    if (model().locks[fact.lock].module)
      refuse("the lock `{}` is one of the TDX module: it is tried, never waited for",
             model().locks[fact.lock].name);
  }
  void operator()(const WaitForThreads& fact) const {
    if (!model().threads.has(fact.thread)) {
      refuse("a step waits for a thread that does not exist");
      return;
    }
    Place which =
        place.called(fmt::format("whom of `{}` the step waits for", model().threads[fact.thread].name));
    for (const auto& [other, of] : place.bound)
      if (other.number == fact.bound.number) refuse("`{}` is bound twice", fact.bound.name);
    if (const auto over = model().threads[fact.thread].over) which.bound.emplace_back(fact.bound, *over);
    expect_boolean(findings, which, fact.which);
  }
  void operator()(const WaitForCpu& fact) const { check_cpu(findings, place, fact.cpu); }
  void operator()(const LoopEvent& fact) const {
    if (!model().loops.has(fact.loop) || model().loops[fact.loop].thread != thread_id)
      refuse("a fact is about a loop that the thread `{}` does not have", thread().name);
  }
  void operator()(const OperationEvent& fact) const {
    if (!model().operations.has(fact.operation) || model().operations[fact.operation].thread != thread_id)
      refuse("a fact is about an operation that the thread `{}` does not have", thread().name);
  }
  void operator()(const Assertion& fact) const {
    expect_boolean(findings, place.called("the assertion"), fact.holds);
    const auto found = std::ranges::find(model().properties, fact.property, &Property::name);
    if (found == model().properties.end())
      refuse("an assertion belongs to the property `{}`, which does not exist", fact.property);
    else if (!std::holds_alternative<Asserted>(found->claim))
      refuse("an assertion belongs to the property `{}`, which claims {}", fact.property,
             template_name(found->claim));
  }
  void operator()(const Cost& fact) const { expect_integer(findings, place.called("the cost"), fact.amount); }
  void operator()(const ContextEvent&) const {}
  void operator()(const RanUnder& fact) const {
    if (!model().guards.has(fact.guard)) refuse("a step ran under a guard that does not exist");
  }

  static void check_cpu(Findings& findings, const Place& place, const Expr& cpu) {
    const Place here = place.called("the CPU");
    if (!check_expression(findings, here, cpu)) return;
    if (cpu.sort().kind != SortKind::index && cpu.sort().kind != SortKind::optional_index)
      findings.add(*place.source, "the CPU: `{}` is {}; expected an index", shown(findings.model, cpu),
                   describe_sort(findings.model, cpu.sort()));
  }
};

} // namespace

void check_threads(Findings& findings) {
  for (const Id<Thread> id : findings.model.threads.ids()) {
    const Thread& thread = findings.model.threads[id];
    if (!thread.cpu.empty()) {
      Place place;
      place.source = &thread.source;
      place.self = thread.over;
      StepCheck::check_cpu(findings, place, thread.cpu);
    }
    for (const Step& step : thread.steps) StepCheck{findings, id, step}.run();
    check_silent_steps(findings, id);
  }
}

} // namespace tdxcheck::model::validation
