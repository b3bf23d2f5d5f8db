// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/instantiate.h"

#include "lower/compose_silent_steps.h"
#include "lower/drop_unreachable.h"
#include "lower/every_expression.h"
#include "lower/fold.h"
#include "model/instance.h"
#include "model/label_context.h"
#include "support/error.h"

namespace tdxcheck::lower {
namespace {

using model::Expr;

void drop_unkept_conjuncts(model::Model& model, const model::Valuation& valuation) {
  for (model::Thread& thread : model.threads) {
    for (model::Step& step : thread.steps) {
      if (step.guard.empty()) step.guard = model::truth(true);
      std::erase_if(step.named, [&](const model::NamedConjunct& conjunct) {
        return !valuation.kept.at(conjunct.guard.value);
      });
    }
  }
}

template <class F>
void fold_guards(model::Model& model, const F& fold_it) {
  for (model::Thread& thread : model.threads)
    for (model::Step& step : thread.steps) {
      fold_it(step.guard);
      for (model::NamedConjunct& conjunct : step.named) fold_it(conjunct.condition);
    }
}

void number_steps(model::Model& model) {
  for (model::Thread& thread : model.threads)
    for (std::uint32_t s = 0; s < thread.steps.size(); ++s) thread.steps[s].written = s;
}

void drop_unclaimed_properties(model::Model& model) {
  std::erase_if(model.properties,
                [](const model::Property& property) { return model::is_false(property.claimed_when); });
  for (model::Property& property : model.properties)
    if (!property.claimed_when.empty() && literal_value(property.claimed_when))
      property.claimed_when = Expr();
}

} // namespace

model::Model instantiate(const model::Model& written, const model::Valuation& valuation,
                         const std::vector<model::Id<model::Parameter>>& free) {
  (void)model::Instance(written, valuation); // refuses sizes and ranges that are out of bounds

  model::Model model = written;
  number_steps(model);
  const auto fold_it = [&](Expr& e) { e = fold(model, valuation, e, free); };
  every_declared_expression(model, fold_it);
  drop_unkept_conjuncts(model, valuation);
  fold_guards(model, fold_it);
  drop_false_steps(model);
  drop_steps_out_of_reach(model); // often nine of ten: what is left to do is done to the others only
  every_used_expression(model, fold_it);
  drop_unclaimed_properties(model);

  std::vector<model::Id<model::Variable>> changed_at_start;
  for (auto thread : model.threads.ids()) {
    for (auto local : compose_silent_steps(model, thread)) changed_at_start.push_back(local);
  }
  drop_dead_steps(model);
  drop_unused_variables(model, changed_at_start);

  std::vector<model::Problem> problems;
  (void)model::label_contexts(model, problems);
  if (!problems.empty()) throw support::InputError(model::describe(problems));
  return model;
}

} // namespace tdxcheck::lower
