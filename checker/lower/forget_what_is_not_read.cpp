// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/forget_what_is_not_read.h"

#include <algorithm>

#include "lower/every_expression.h"
#include "lower/fold.h"
#include "lower/may_leave_its_range.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;
using model::Step;
using model::Update;

void mark(const Expr& e, std::vector<bool>& read) {
  if (e.empty()) return;
  if (const auto* reference = std::get_if<model::VariableRef>(&e.node().kind))
    read[reference->variable.value] = true;
  for (const Expr& operand : operands(e)) mark(operand, read);
}

// A member that exists in every state.
bool surely_exists(const Expr& member) {
  return !std::holds_alternative<model::VariableRef>(member.node().kind) && operands(member).empty();
}

std::vector<bool> forgettable(model::Model& model, const model::Instance& instance) {
  std::vector<bool> read(model.variables.size(), false);
  every_used_expression(model, [&](const Expr& e) { mark(e, read); });
  std::vector<bool> result;
  for (auto id : model.variables.ids())
    result.push_back(!read[id.value] && has_an_initial_value(instance, id) &&
                     !std::holds_alternative<model::LocalScope>(model.variables[id].scope));
  for (auto id : model.threads.ids()) {
    for (const Step& step : model.threads[id].steps) {
      const auto is_forgettable = [&](const Update& update) { return result[update.target.variable.value]; };
      // What is known takes most of the time, and is asked for by few steps.
      if (std::ranges::none_of(step.updates, is_forgettable)) continue;
      const auto known = known_before(model, id, step);
      for (const Update& update : step.updates)
        if (known && is_forgettable(update) && may_leave_its_range(instance, *known, update))
          result[update.target.variable.value] = false;
    }
  }
  return result;
}

// What cannot go wrong need not even be computed.
bool is_harmless(const Update& update) {
  return literal_value(update.value) && std::ranges::all_of(update.target.at, surely_exists);
}

} // namespace

model::Model forget_what_is_not_read(model::Model model, const model::Valuation& valuation) {
  const model::Instance instance(model, valuation);
  const std::vector<bool> forgotten = forgettable(model, instance);
  for (model::Thread& thread : model.threads) {
    for (Step& step : thread.steps) {
      std::erase_if(step.updates, [&](const Update& update) {
        return forgotten[update.target.variable.value] && is_harmless(update);
      });
      const std::vector<Update> written = step.updates;
      for (const Update& update : written)
        if (forgotten[update.target.variable.value])
          step.updates.push_back({update.target, *model.variables[update.target.variable].initial});
    }
  }
  return model;
}

} // namespace tdxcheck::lower
