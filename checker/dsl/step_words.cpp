// SPDX-License-Identifier: GPL-2.0-or-later
#include <exception>

#include "dsl/thread.h"
#include "support/contract.h"

namespace tdxcheck::dsl {

using model::SortKind;

StepWords::StepWords(ThreadBuilder& thread, std::string text, Location where) : thread_(&thread) {
  step_.text = std::move(text);
  step_.source = source_of(where);
  step_.guard = model::truth(true);
  const auto domain = thread.surroundings().domain;
  const bool acts_by_itself = domain == model::Domain::host || domain == model::Domain::module;
  step_.fairness = acts_by_itself ? model::Fairness::weak : model::Fairness::none;
}

// The step is complete here. An exception that is already on its way has priority.
StepWords::~StepWords() noexcept(false) {
  if (std::uncaught_exceptions() > 0) return;
  thread_->emit(std::move(step_));
  for (const auto& [fact, thread] : awaited_) here().wait_is_for(thread_->id(), fact, thread);
  if (!to_end_) return;
  thread_->mark_end(*thread_->place());
  thread_->go_on_at({});
}

StepWords& StepWords::when(const Expr& condition) {
  step_.guard = model::conjunction(step_.guard, condition.tree());
  return *this;
}

StepWords& StepWords::relies_on(const std::string& guard, const Expr& condition, const std::string& doc,
                                Location where) {
  step_.named.push_back({here().guard(guard, doc, where), condition.tree()});
  return *this;
}

StepWords& StepWords::set(const Variable& target, const Expr& value) {
  step_.updates.push_back({target.reference(), value.as(target.tree().sort())});
  return *this;
}

StepWords& StepWords::set_if(const Expr& condition, const Variable& target, const Expr& value) {
  return set(target, choose(condition, value, target));
}

StepWords& StepWords::some(const IndexSet& set, const std::string& name,
                           const std::function<void(StepWords&, const Expr&)>& body) {
  const auto bound = here().fresh_bound(name);
  step_.choices.push_back({bound, set.id()});
  body(*this, Expr(model::make({SortKind::index, set.id().value}, model::BoundRef{bound})));
  return *this;
}

StepWords& StepWords::acquires(const Lock& lock, model::LockMode mode) {
  step_.facts.emplace_back(model::LockEvent{model::LockAction::acquire, lock.id(), lock.instance(), mode});
  step_.facts.emplace_back(model::WaitForLock{lock.id(), lock.instance(), mode});
  step_.fairness = model::Fairness::strong;
  return *this;
}

StepWords& StepWords::tries(const Lock& lock, model::LockMode mode) {
  step_.facts.emplace_back(
      model::LockEvent{model::LockAction::try_acquire, lock.id(), lock.instance(), mode});
  return *this;
}

StepWords& StepWords::finds_busy(const Lock& lock, model::LockMode mode) {
  step_.facts.emplace_back(model::LockEvent{model::LockAction::busy, lock.id(), lock.instance(), mode});
  return *this;
}

StepWords& StepWords::releases(const Lock& lock, model::LockMode mode) {
  step_.facts.emplace_back(model::LockEvent{model::LockAction::release, lock.id(), lock.instance(), mode});
  return *this;
}

StepWords& StepWords::wait_for_threads(const std::string& thread, const std::string& text,
                                       const model::BoundName& bound, const model::Expr& which) {
  step_.facts.emplace_back(model::WaitForThreads{model::Id<model::Thread>{untyped_set}, bound, which, text});
  awaited_.emplace_back(step_.facts.size() - 1, thread);
  return *this;
}

StepWords& StepWords::waits_for(const std::string& thread, const std::string& text, const Expr& which) {
  return wait_for_threads(thread, text, here().fresh_bound("t"), which.tree());
}

StepWords& StepWords::waits_for(const std::string& thread, const IndexSet& members, const std::string& text,
                                const Predicate& which) {
  const auto bound = here().fresh_bound("t");
  const Expr member(model::make({SortKind::index, members.id().value}, model::BoundRef{bound}));
  return wait_for_threads(thread, text, bound, which(member).tree());
}

StepWords& StepWords::waits_for_cpu(const Expr& cpu) {
  step_.facts.emplace_back(model::WaitForCpu{cpu.tree()});
  return *this;
}

StepWords& StepWords::answers(const std::string& status) {
  step_.status = status;
  return *this;
}

StepWords& StepWords::asserts(const std::string& property, const Expr& holds, const std::string& text) {
  step_.facts.emplace_back(model::Assertion{property, holds.tree(), text});
  return *this;
}

StepWords& StepWords::costs(model::CostKind kind, const Expr& amount) {
  step_.facts.emplace_back(model::Cost{kind, amount.tree()});
  return *this;
}

StepWords& StepWords::context(model::ContextAction action) {
  step_.facts.emplace_back(model::ContextEvent{action});
  return *this;
}

StepWords& StepWords::fair(model::Fairness fairness) {
  step_.fairness = fairness;
  return *this;
}

StepWords& StepWords::to_end() {
  to_end_ = true;
  return *this;
}

} // namespace tdxcheck::dsl
