// SPDX-License-Identifier: GPL-2.0-or-later
#include "lower/instantiate.h"

#include <algorithm>

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

// By every field's place, so that the compiler asks for a new one.
model::Thread without_steps(const model::Thread& thread) {
  const auto& [name, over, labels, start, steps, cpu, doc, source, start_facts] = thread;
  return {name, over, labels, start, {}, cpu, doc, source, start_facts};
}

model::Model without_steps(const model::Model& model) {
  const auto& [name, summary, essay, default_variant, enumerations, parameters, sets, variables, locks,
               guards, threads, regions, loops, operations, counters, properties, variants] = model;
  model::Table<model::Thread> idle;
  for (const model::Thread& thread : threads) idle.add(without_steps(thread));
  return {name,  summary,    essay,    default_variant, enumerations,    parameters,
          sets,  variables,  locks,    guards,          std::move(idle), regions,
          loops, operations, counters, properties,      variants};
}

// The steps of a thread that control flow reaches from its start, through guards that are not folded to
// false: often one in ten, and the others are neither folded nor copied.
template <class F>
class ReachedSteps {
public:
  ReachedSteps(const model::Thread& thread, const model::Valuation& valuation, const F& folded)
      : thread_(thread), valuation_(valuation), folded_(folded) {}

  [[nodiscard]] std::vector<model::Step> find() {
    std::vector<std::vector<std::uint32_t>> leaving(thread_.labels.size()); // by label
    for (std::uint32_t s = 0; s < thread_.steps.size(); ++s)
      leaving[thread_.steps[s].from.value].push_back(s);
    std::vector<bool> reached(thread_.labels.size());
    std::vector<model::Id<model::Label>> open;
    const auto reach = [&](model::Id<model::Label> label) {
      if (!reached[label.value]) open.push_back(label);
      reached[label.value] = true;
    };
    reach(thread_.start);
    while (!open.empty()) {
      const auto from = open.back();
      open.pop_back();
      for (const std::uint32_t s : leaving[from.value])
        if (take(s)) reach(thread_.steps[s].to);
    }
    std::ranges::sort(taken_, {}, &Taken::step);
    std::vector<model::Step> steps;
    steps.reserve(taken_.size());
    for (Taken& taken : taken_) {
      model::Step& step = steps.emplace_back(thread_.steps[taken.step]);
      step.guard = std::move(taken.guard);
      step.named = std::move(taken.named);
      step.written = taken.step;
    }
    return steps;
  }

private:
  struct Taken {
    std::uint32_t step;
    Expr guard;
    std::vector<model::NamedConjunct> named;
  };

  bool take(std::uint32_t s) {
    const model::Step& step = thread_.steps[s];
    Expr guard = step.guard.empty() ? model::truth(true) : folded_(step.guard);
    if (model::is_false(guard)) return false;
    std::vector<model::NamedConjunct> named;
    for (const model::NamedConjunct& conjunct : step.named) {
      if (!valuation_.kept.at(conjunct.guard.value)) continue;
      named.push_back({conjunct.guard, folded_(conjunct.condition)});
      if (model::is_false(named.back().condition)) return false;
    }
    taken_.push_back({s, std::move(guard), std::move(named)});
    return true;
  }

  const model::Thread& thread_;
  const model::Valuation& valuation_;
  const F& folded_;
  std::vector<Taken> taken_;
};

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

  model::Model model = without_steps(written);
  const auto folded = [&](const Expr& e) { return fold(model, valuation, e, free); };
  const auto fold_it = [&](Expr& e) { e = folded(e); };
  every_declared_expression(model, fold_it);
  for (const auto id : model.threads.ids())
    model.threads[id].steps = ReachedSteps(written.threads[id], valuation, folded).find();
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
