// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Every expression that a piece of a model contains, handed to `f` as a modifiable reference. The one place
// that knows where expressions live, so that a new field or fact that holds one is forgotten in no pass.

#include "model/model.h"

namespace tdxcheck::lower {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <class F>
void every_expression(std::vector<model::Expr>& expressions, F&& f) {
  for (model::Expr& e : expressions) f(e);
}

template <class F>
void every_expression(model::Fact& fact, F&& f) {
  std::visit(Overloaded{
                 [&](model::LockEvent& x) { every_expression(x.instance, f); },
                 [&](model::WaitForLock& x) { every_expression(x.instance, f); },
                 [&](model::WaitForThreads& x) { f(x.which); },
                 [&](model::WaitForCpu& x) { f(x.cpu); },
                 [&](model::LoopEvent&) {},
                 [&](model::OperationEvent&) {},
                 [&](model::Assertion& x) { f(x.holds); },
                 [&](model::Cost& x) { f(x.amount); },
                 [&](model::ContextEvent&) {},
                 [&](model::RanUnder&) {},
             },
             fact);
}

template <class F>
void every_expression(model::Step& step, F&& f) {
  f(step.guard);
  for (model::NamedConjunct& conjunct : step.named) f(conjunct.condition);
  for (model::Update& update : step.updates) {
    every_expression(update.target.at, f);
    f(update.value);
  }
  for (model::Fact& fact : step.facts) every_expression(fact, f);
}

template <class F>
void every_expression(model::ScalarType& type, F&& f) {
  std::visit(Overloaded{
                 [&](model::IntegerType& x) { f(x.low), f(x.high); },
                 [&](model::BitsType& x) { f(x.width); },
                 [](model::BoolType&) {},
                 [](model::EnumType&) {},
                 [](model::IndexType&) {},
                 [](model::OptionalIndexType&) {},
                 [](model::SubsetType&) {},
             },
             type);
}

template <class F>
void every_expression(model::Claim& claim, F&& f) {
  std::visit(Overloaded{
                 [&](model::Always& x) { f(x.condition); },
                 [](model::Asserted&) {},
                 [](model::NoDeadlock&) {},
                 [](model::LockDiscipline&) {},
                 [](model::LockOrder&) {},
                 [](model::NoLivelock&) {},
                 [](model::NoStarvation&) {},
                 [&](model::LeadsTo& x) { f(x.from), f(x.to); },
                 [&](model::Recoverable& x) { f(x.condition); },
                 [&](model::Retries& x) { f(x.limit); },
                 [](model::Balanced&) {},
                 [&](model::Sometimes& x) { f(x.condition); },
             },
             claim);
}

// What threads do and properties say: everything but declarations. An empty expression is handed over too.
template <class F>
void every_used_expression(model::Model& model, F&& f) {
  for (model::Thread& thread : model.threads) {
    f(thread.cpu);
    for (model::Step& step : thread.steps) every_expression(step, f);
    for (model::Fact& fact : thread.start_facts) every_expression(fact, f);
  }
  for (model::Counter& counter : model.counters) {
    f(counter.value), f(counter.holders), f(counter.freed);
  }
  for (model::Property& property : model.properties) {
    every_expression(property.claim, f);
    f(property.claimed_when);
  }
}

template <class F>
void every_declared_expression(model::Model& model, F&& f) {
  for (model::IndexSet& set : model.sets) f(set.size);
  for (model::Variable& variable : model.variables) {
    every_expression(variable.type.scalar, f);
    if (variable.initial) f(*variable.initial);
  }
}

} // namespace tdxcheck::lower
