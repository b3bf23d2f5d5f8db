// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/clear_dead_locals.h"

#include <algorithm>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "lower/may_leave_its_range.h"
#include "model/label_context.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;
using model::Step;
using model::VariableRef;
using VariableId = model::Id<model::Variable>;
using Variables = std::vector<bool>; // by position

void add(Variables& to, const Variables& more) {
  for (std::size_t v = 0; v < to.size(); ++v) to[v] = to[v] || more[v];
}

// A local of this thread, by its own member; of an array, some element.
bool is_own(const model::Model& model, model::Id<model::Thread> thread, const VariableRef& reference) {
  const auto* scope = std::get_if<model::LocalScope>(&model.variables[reference.variable].scope);
  if (scope == nullptr || scope->thread != thread) return false;
  return !model.threads[thread].over || std::holds_alternative<model::Self>(reference.at.front().node().kind);
}

template <class F>
void every_reference(const Expr& e, const F& f) {
  if (e.empty()) return;
  if (const auto* reference = std::get_if<VariableRef>(&e.node().kind)) f(*reference);
  for (const Expr& operand : operands(e)) every_reference(operand, f);
}

class Clearing {
public:
  Clearing(model::Model& model, const model::Valuation& valuation)
      : model_(model), instance_(model, valuation), clearable_(model.variables.size(), false) {
    // Elements are cleared one by one, so it must be known how many there are.
    const auto has_a_size = [&](model::Id<model::IndexSet> set) {
      return literal_value(model.sets[set].size).has_value();
    };
    for (auto id : model.variables.ids())
      clearable_[id.value] = std::holds_alternative<model::LocalScope>(model.variables[id].scope) &&
                             has_an_initial_value(instance_, id) &&
                             std::ranges::all_of(model.variables[id].type.array_of, has_a_size);
    leave_what_others_see();
    std::vector<model::Problem> problems;
    contexts_ = model::label_contexts(model, problems);
  }

  void clear(model::Id<model::Thread> id, const std::vector<bool>& nameless) {
    model::Thread& thread = model_.threads[id];
    const std::vector<Variables> live = live_at_labels(id);
    leave_what_may_leave_its_range(id, live);
    if (!nameless.empty()) start_without_member(id, live[thread.start.value], nameless);
    for (Step& step : thread.steps)
      if (step.error.empty()) clear_behind(id, step, live[step.to.value]);
  }

private:
  void leave_what_others_see();
  void leave(const Expr& e) {
    every_reference(e, [&](const VariableRef& r) { clearable_[r.variable.value] = false; });
  }
  void leave_foreign(model::Id<model::Thread> id, const Expr& e) {
    every_reference(e, [&](const VariableRef& r) {
      if (!is_own(model_, id, r)) clearable_[r.variable.value] = false;
    });
  }

  [[nodiscard]] Variables none() const { return Variables(model_.variables.size(), false); }
  void read(const Expr& e, Variables& into) const {
    every_reference(e, [&](const VariableRef& r) { into[r.variable.value] = true; });
  }
  [[nodiscard]] Variables read_by(Step step) const; // a copy, for every_expression
  [[nodiscard]] Variables surely_written_by(const Step& step) const;
  [[nodiscard]] std::vector<Variables> live_at_labels(model::Id<model::Thread> id) const;

  void leave_what_may_leave_its_range(model::Id<model::Thread> id, const std::vector<Variables>& live);
  void start_without_member(model::Id<model::Thread> id, const Variables& live,
                            const std::vector<bool>& nameless);
  void clear_behind(model::Id<model::Thread> id, Step& step, const Variables& live) const;
  void assign_initial(model::Id<model::Thread> id, VariableId local, std::vector<model::Update>& to) const;

  model::Model& model_;
  const model::Instance instance_;
  Variables clearable_;
  std::vector<std::vector<model::LabelContext>> contexts_;
};

void Clearing::leave_what_others_see() {
  for (auto id : model_.threads.ids()) {
    model::Thread& thread = model_.threads[id];
    leave(thread.cpu);
    for (model::Fact& fact : thread.start_facts) every_expression(fact, [&](const Expr& e) { leave(e); });
    for (Step& step : thread.steps) {
      every_expression(step, [&](const Expr& e) { leave_foreign(id, e); });
      for (const model::Update& update : step.updates)
        if (!is_own(model_, id, update.target)) clearable_[update.target.variable.value] = false;
    }
  }
  for (const model::Counter& counter : model_.counters)
    leave(counter.value), leave(counter.holders), leave(counter.freed);
  for (model::Property& property : model_.properties)
    every_expression(property.claim, [&](const Expr& e) { leave(e); });
}

// ---- live variables

Variables Clearing::read_by(Step step) const {
  Variables result = none();
  every_expression(step, [&](const Expr& e) { read(e, result); });
  return result;
}

Variables Clearing::surely_written_by(const Step& step) const {
  Variables result = none();
  for (const model::Update& update : step.updates) {
    const auto& type = model_.variables[update.target.variable].type;
    if (type.array_of.empty()) result[update.target.variable.value] = true;
  }
  return result;
}

// A variable is live where some way on reads it before writing it.
std::vector<Variables> Clearing::live_at_labels(model::Id<model::Thread> id) const {
  const model::Thread& thread = model_.threads[id];
  std::vector<Variables> live(thread.labels.size(), none());
  for (auto label : thread.labels.ids())
    for (const model::HeldLock& held : contexts_[id.value][label.value].held)
      for (const Expr& member : held.instance) read(member, live[label.value]);
  std::vector<Variables> reads, writes;
  for (const Step& step : thread.steps) {
    reads.push_back(read_by(step));
    writes.push_back(surely_written_by(step));
    add(live[step.from.value], reads.back());
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t s = thread.steps.size(); s-- > 0;) {
      const Step& step = thread.steps[s];
      Variables before = live[step.from.value];
      for (std::size_t v = 0; v < before.size(); ++v)
        before[v] = before[v] || (live[step.to.value][v] && !writes[s][v]);
      if (before == live[step.from.value]) continue;
      live[step.from.value] = std::move(before);
      changed = true;
    }
  }
  return live;
}

// ---- clearing

void Clearing::assign_initial(model::Id<model::Thread> id, VariableId local,
                              std::vector<model::Update>& to) const {
  const Expr initial = *model_.variables[local].initial;
  const std::size_t first = instance_.first_cell(local);
  for (std::size_t c = first; c < instance_.cells().size() && instance_.cells()[c].variable == local; ++c) {
    const model::Cell& cell = instance_.cells()[c];
    const auto& dimensions = instance_.dimensions(local);
    model::Update update{{local, {}}, initial};
    const bool by_member = model_.threads[id].over.has_value();
    if (by_member && cell.at.front() != 0) break; // one member's elements are enough: it is written as Self
    for (std::size_t d = 0; d < cell.at.size(); ++d) {
      const model::Sort index{model::SortKind::index, dimensions[d].value};
      update.target.at.push_back(by_member && d == 0 ? model::make(index, model::Self{})
                                                     : model::literal(index, cell.at[d]));
    }
    to.push_back(std::move(update));
  }
}

// Where a dead value must be held against its range, the local is left alone altogether: cleared by a later
// step only, it would make more states.
void Clearing::leave_what_may_leave_its_range(model::Id<model::Thread> id,
                                              const std::vector<Variables>& live) {
  for (const Step& step : model_.threads[id].steps) {
    if (!step.error.empty()) continue;
    const auto is_dead = [&](const model::Update& update) {
      return clearable_[update.target.variable.value] && !live[step.to.value][update.target.variable.value];
    };
    // What is known takes most of the time, and is asked for by few steps.
    if (std::ranges::none_of(step.updates, is_dead)) continue;
    const auto known = known_before(model_, id, step);
    if (!known) continue; // it is never taken
    for (const model::Update& update : step.updates)
      if (is_dead(update) && may_leave_its_range(instance_, *known, update))
        clearable_[update.target.variable.value] = false;
  }
}

void Clearing::start_without_member(model::Id<model::Thread> id, const Variables& live,
                                    const std::vector<bool>& nameless) {
  for (auto local : model_.variables.ids()) {
    model::Variable& variable = model_.variables[local];
    const auto* index = std::get_if<model::IndexType>(&variable.type.scalar);
    if (!clearable_[local.value] || std::get<model::LocalScope>(variable.scope).thread != id ||
        live[local.value] || index == nullptr || !variable.type.array_of.empty() ||
        !nameless[index->set.value])
      continue;
    const std::uint32_t set = index->set.value;
    variable.initial = model::literal({model::SortKind::optional_index, set}, model::no_member);
    variable.type.scalar = model::OptionalIndexType{{set}};
  }
}

void Clearing::clear_behind(model::Id<model::Thread> id, Step& step, const Variables& live) const {
  for (auto local : model_.variables.ids()) {
    const auto& scope = model_.variables[local].scope;
    if (!clearable_[local.value] || std::get<model::LocalScope>(scope).thread != id || live[local.value])
      continue;
    // Other values stay: one that is read from a member that does not exist is a model error.
    std::erase_if(step.updates, [&](const model::Update& update) {
      return update.target.variable == local && literal_value(update.value) &&
             model_.variables[local].type.array_of.empty();
    });
    assign_initial(id, local, step.updates);
  }
}

} // namespace

model::Model clear_dead_locals(model::Model model, const model::Valuation& valuation,
                               const std::vector<bool>& nameless) {
  Clearing clearing(model, valuation);
  for (auto id : model.threads.ids()) clearing.clear(id, nameless);
  return model;
}

} // namespace tdxcheck::lower
