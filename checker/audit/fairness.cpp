// SPDX-License-Identifier: GPL-2.0-or-later
#include "audit/fairness.h"

#include "model/print.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace tdxcheck::audit {
namespace {

using ThreadStep = std::pair<std::size_t, std::size_t>;

const model::Step& step_of(const semantics::Interpreter& interpreter, const ThreadStep& which) {
  const auto& instance = interpreter.instance();
  return instance.model().threads[instance.threads()[which.first].thread].steps[which.second];
}

// The step, or the first of the weakly fair ones at its label.
ThreadStep one_of_its_kind(const semantics::Interpreter& interpreter, const ThreadStep& which) {
  const auto& instance = interpreter.instance();
  const auto& steps = instance.model().threads[instance.threads()[which.first].thread].steps;
  const model::Step& step = steps[which.second];
  if (step.fairness != model::Fairness::weak) return which;
  const auto like_it = [&](const model::Step& other) {
    return !other.silent && other.from == step.from && other.fairness == model::Fairness::weak;
  };
  return {which.first, static_cast<std::size_t>(std::ranges::find_if(steps, like_it) - steps.begin())};
}

std::set<ThreadStep> enabled_in(const semantics::Interpreter& interpreter, const semantics::State& state) {
  std::set<ThreadStep> enabled;
  for (const semantics::Action& action : interpreter.actions(state))
    enabled.insert(one_of_its_kind(interpreter, {action.thread, action.step}));
  return enabled;
}

std::string name_of(const semantics::Interpreter& interpreter, const ThreadStep& which) {
  const auto& instance = interpreter.instance();
  const auto& who = instance.threads()[which.first];
  const model::Step& step = step_of(interpreter, which);
  const auto& labels = instance.model().threads[who.thread].labels;
  return fmt::format("{} {} -> {} ({} fair)", who.name, labels[step.from].name, labels[step.to].name,
                     model::name_of(step.fairness));
}

} // namespace

std::string unfair_lasso(const semantics::Interpreter& interpreter, const Run& run) {
  const std::size_t first = run.loop.value(), states = run.actions.size() - first;
  std::map<ThreadStep, std::size_t> enabled; // in how many states of the cycle
  std::set<ThreadStep> taken;
  for (std::size_t i = first; i < run.actions.size(); ++i) {
    for (const ThreadStep& which : enabled_in(interpreter, run.before(i))) ++enabled[which];
    taken.insert(one_of_its_kind(interpreter, {run.actions[i].thread, run.actions[i].step}));
  }
  for (const auto& [which, times] : enabled) {
    if (taken.contains(which)) continue;
    const model::Fairness fairness = step_of(interpreter, which).fairness;
    if (fairness == model::Fairness::weak && times == states)
      return fmt::format("{} is enabled all the time and never taken", name_of(interpreter, which));
    if (fairness == model::Fairness::strong)
      return fmt::format("{} is enabled again and again and never taken", name_of(interpreter, which));
  }
  return {};
}

std::string unfair_stop(const semantics::Interpreter& interpreter, const Run& run) {
  for (const ThreadStep& which : enabled_in(interpreter, run.last()))
    if (step_of(interpreter, which).fairness != model::Fairness::none)
      return fmt::format("{} is enabled at the end", name_of(interpreter, which));
  return {};
}

} // namespace tdxcheck::audit
