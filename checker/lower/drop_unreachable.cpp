// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/drop_unreachable.h"

#include <algorithm>
#include <optional>

#include "lower/every_expression.h"
#include "lower/fold.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;
using model::Step;

bool never_enabled(const Step& step) {
  return model::is_false(step.guard) ||
         std::any_of(step.named.begin(), step.named.end(), [](const model::NamedConjunct& conjunct) {
           return model::is_false(conjunct.condition);
         });
}

std::vector<bool> reachable_labels(const model::Thread& thread) {
  std::vector<std::vector<model::Id<model::Label>>> next(thread.labels.size()); // by label
  for (const Step& step : thread.steps) next[step.from.value].push_back(step.to);
  std::vector<bool> reached(thread.labels.size());
  std::vector<model::Id<model::Label>> open{thread.start};
  reached[thread.start.value] = true;
  while (!open.empty()) {
    const auto from = open.back();
    open.pop_back();
    for (const auto to : next[from.value]) {
      if (reached[to.value]) continue;
      reached[to.value] = true;
      open.push_back(to);
    }
  }
  return reached;
}

// Labels and steps of one thread; false if all of them stay.
bool drop_unreachable_labels(model::Model& model, model::Id<model::Thread> id) {
  model::Thread& thread = model.threads[id];
  const std::vector<bool> reached = reachable_labels(thread);
  if (std::find(reached.begin(), reached.end(), false) == reached.end()) return false;

  std::vector<model::Id<model::Label>> moved(reached.size());
  model::Table<model::Label> labels;
  for (auto label : thread.labels.ids()) {
    if (reached[label.value]) moved[label.value] = labels.add(thread.labels[label]);
  }
  thread.labels = std::move(labels);
  thread.start = moved[thread.start.value];
  std::erase_if(thread.steps, [&](const Step& step) { return !reached[step.from.value]; });
  for (Step& step : thread.steps) {
    step.from = moved[step.from.value];
    step.to = moved[step.to.value];
  }
  for (model::Region& region : model.regions) {
    if (region.thread != id) continue;
    std::erase_if(region.labels, [&](model::Id<model::Label> label) { return !reached[label.value]; });
    for (auto& label : region.labels) label = moved[label.value];
  }
  return true;
}

void mark_references(const Expr& e, std::vector<bool>& used) {
  if (e.empty()) return;
  if (const auto* reference = std::get_if<model::VariableRef>(&e.node().kind))
    used[reference->variable.value] = true;
  for (const Expr& operand : operands(e)) mark_references(operand, used);
}

std::vector<bool> used_variables(model::Model& model) {
  std::vector<bool> used(model.variables.size());
  every_used_expression(model, [&](const Expr& e) { mark_references(e, used); });
  for (const model::Thread& thread : model.threads) {
    for (const Step& step : thread.steps) {
      for (const model::Update& update : step.updates) used[update.target.variable.value] = true;
    }
  }
  for (auto id : model.variables.ids()) {
    if (!model.variables[id].initial) used[id.value] = true;
  }
  return used;
}

} // namespace

void drop_dead_steps(model::Model& model) {
  for (bool changed = true; changed;) {
    changed = false;
    for (model::Thread& thread : model.threads) std::erase_if(thread.steps, never_enabled);
    for (auto id : model.threads.ids()) {
      changed = drop_unreachable_labels(model, id) || changed;
    }
    // A region that has lost its labels makes its conditions false, which may make more steps dead.
    if (changed) every_used_expression(model, [&](Expr& e) { e = simplify(model, e); });
  }
}

void drop_unused_variables(model::Model& model, const std::vector<model::Id<model::Variable>>& keep) {
  std::vector<bool> used = used_variables(model);
  for (auto id : keep) used[id.value] = true;
  std::vector<model::Id<model::Variable>> moved(used.size());
  model::Table<model::Variable> variables;
  for (auto id : model.variables.ids()) {
    if (used[id.value]) moved[id.value] = variables.add(model.variables[id]);
  }
  model.variables = std::move(variables);

  const Replacement remapped = [&](const Expr& e) -> std::optional<Expr> {
    const auto* reference = std::get_if<model::VariableRef>(&e.node().kind);
    if (reference == nullptr) return {};
    model::VariableRef renamed{moved[reference->variable.value], {}};
    for (const Expr& at : reference->at) renamed.at.push_back(rewrite(model, at, remapped));
    return model::make(e.sort(), renamed);
  };
  every_used_expression(model, [&](Expr& e) { e = rewrite(model, e, remapped); });
  for (model::Thread& thread : model.threads) {
    for (Step& step : thread.steps) {
      for (model::Update& update : step.updates) update.target.variable = moved[update.target.variable.value];
    }
  }
}

} // namespace tdxcheck::lower
