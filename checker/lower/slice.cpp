// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/slice.h"

#include <algorithm>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "lower/may_leave_its_range.h"
#include "model/may_lack_a_value.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;
using model::Step;
using model::Update;

template <class Claim>
bool some_claim_is(const model::Model& model) {
  return std::ranges::any_of(model.properties, [](const model::Property& property) {
    return std::holds_alternative<Claim>(property.claim);
  });
}

void keep_properties(model::Model& model, const std::vector<std::string>& names) {
  std::erase_if(model.properties, [&](const model::Property& property) {
    return std::ranges::find(names, property.name) == names.end();
  });
  std::vector<bool> judged(model.counters.size(), false);
  for (const model::Property& property : model.properties)
    if (const auto* balanced = std::get_if<model::Balanced>(&property.claim))
      judged[balanced->counter.value] = true;
  for (auto id : model.counters.ids())
    if (!judged[id.value]) {
      model.counters[id].value = model.counters[id].holders = model::integer(0);
      model.counters[id].freed = {};
    }
}

bool is_needed(const model::Fact& fact, const model::Model&, const std::vector<std::string>& names,
               bool looks_for_deadlocks) {
  return std::visit(Overloaded{
                        [](const model::LockEvent&) { return true; },
                        [&](const model::WaitForLock&) { return looks_for_deadlocks; },
                        [&](const model::WaitForThreads&) { return looks_for_deadlocks; },
                        [&](const model::WaitForCpu&) { return looks_for_deadlocks; },
                        [](const model::LoopEvent&) { return true; },
                        [](const model::OperationEvent&) { return true; },
                        [&](const model::Assertion& x) {
                          return std::ranges::find(names, x.property) != names.end() ||
                                 model::may_lack_a_value(x.holds);
                        },
                        [](const model::Cost&) { return false; },
                        [](const model::ContextEvent&) { return true; },
                        [](const model::RanUnder&) { return true; },
                    },
                    fact);
}

void drop_facts(model::Model& model, const std::vector<std::string>& names) {
  const bool looks_for_deadlocks = some_claim_is<model::NoDeadlock>(model);
  for (model::Thread& thread : model.threads) {
    if (!looks_for_deadlocks) thread.cpu = {}; // who keeps a pCPU is said of deadlocks alone
    const auto drop = [&](std::vector<model::Fact>& facts) {
      std::erase_if(facts, [&](const model::Fact& fact) {
        return !is_needed(fact, model, names, looks_for_deadlocks);
      });
    };
    drop(thread.start_facts);
    for (Step& step : thread.steps) drop(step.facts);
  }
}

// ---- the cone of influence

class Cone {
public:
  Cone(model::Model& model, const model::Valuation& valuation)
      : model_(model),
        instance_(model, valuation),
        inside_(model.variables.size(), false),
        evidence_is_endless_(some_claim_is<model::NoLivelock>(model) ||
                             some_claim_is<model::NoStarvation>(model) ||
                             some_claim_is<model::LeadsTo>(model) || some_claim_is<model::Retries>(model)) {
    take_in_what_decides();
    while (take_in_what_is_computed_with()) {
    }
  }

  [[nodiscard]] bool has(model::Id<model::Variable> variable) const { return inside_[variable.value]; }

private:
  void take_in(const Expr& e) {
    if (e.empty()) return;
    if (const auto* reference = std::get_if<model::VariableRef>(&e.node().kind)) {
      grew_ = grew_ || !inside_[reference->variable.value];
      inside_[reference->variable.value] = true;
    }
    for (const Expr& operand : operands(e)) take_in(operand);
  }
  void take_in(const Update& update) {
    for (const Expr& index : update.target.at) take_in(index);
    take_in(update.value);
  }

  // Everything but updates; and what is written with a risk.
  void take_in_what_decides() {
    for (const model::Property& property : model_.properties) {
      model::Claim claim = property.claim;
      every_expression(claim, [&](const Expr& e) { take_in(e); });
    }
    for (const model::Counter& counter : model_.counters)
      take_in(counter.value), take_in(counter.holders), take_in(counter.freed);
    for (auto id : model_.threads.ids()) {
      const model::Thread& thread = model_.threads[id];
      take_in(thread.cpu);
      for (model::Fact fact : thread.start_facts) every_expression(fact, [&](const Expr& e) { take_in(e); });
      for (const Step& step : thread.steps) take_in_what_decides(id, step);
    }
  }

  void take_in_what_decides(model::Id<model::Thread> thread, const Step& step) {
    take_in(step.guard);
    for (const model::NamedConjunct& conjunct : step.named) take_in(conjunct.condition);
    for (model::Fact fact : step.facts) every_expression(fact, [&](const Expr& e) { take_in(e); });
    const auto known = known_before(model_, thread, step);
    for (const Update& update : step.updates) {
      if (evidence_is_endless_) take_in(update);
      if (!known) continue;
      const model::Expr target = model::make(update.value.sort(), update.target);
      if (model::may_lack_a_value(target) || model::may_lack_a_value(update.value) ||
          may_leave_its_range(instance_, *known, update))
        inside_[update.target.variable.value] = true;
    }
  }

  bool take_in_what_is_computed_with() {
    grew_ = false;
    for (const model::Thread& thread : model_.threads)
      for (const Step& step : thread.steps)
        for (const Update& update : step.updates)
          if (has(update.target.variable)) take_in(update);
    return grew_;
  }

  model::Model& model_;
  model::Instance instance_;
  std::vector<bool> inside_; // by variable
  bool evidence_is_endless_, grew_ = false;
};

} // namespace

model::Model slice(model::Model model, const model::Valuation& valuation,
                   const std::vector<std::string>& properties) {
  keep_properties(model, properties);
  drop_facts(model, properties);
  const Cone cone(model, valuation);
  const model::Instance instance(model, valuation);
  for (auto id : model.variables.ids()) {
    if (cone.has(id)) continue;
    std::optional<Expr>& initial = model.variables[id].initial;
    if (initial) continue;
    const model::Cell& cell = instance.cells()[instance.first_cell(id)];
    initial = model::literal(instance.sort(instance.first_cell(id)), cell.low);
  }
  for (model::Thread& thread : model.threads)
    for (Step& step : thread.steps)
      std::erase_if(step.updates, [&](const Update& update) { return !cone.has(update.target.variable); });
  return model;
}

} // namespace tdxcheck::lower
