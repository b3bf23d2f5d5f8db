// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/vacuity.h"

#include <map>
#include <set>

#include <fmt/format.h>

namespace tdxcheck::explore {
namespace {

// Every thread template, every step: whether any member ever took it, whatever its choices.
class Taken {
public:
  Taken(InterpretedSystem& system, const Coverage& coverage) : model_(system.instance().model()) {
    for (const model::Thread& thread : model_.threads) by_step_.emplace_back(thread.steps.size(), false);
    for (std::size_t t = 0; t < system.moves().size(); ++t) {
      const auto thread = system.instance().threads()[t].thread;
      for (std::size_t m = 0; m < system.moves()[t].moves.size(); ++m) {
        const Move move{static_cast<std::uint16_t>(t), static_cast<std::uint16_t>(m)};
        if (coverage.was_taken(move)) by_step_[thread.value][system.compiled(move).step] = true;
      }
    }
  }

  [[nodiscard]] bool step(model::Id<model::Thread> thread, std::size_t step) const {
    return by_step_[thread.value][step];
  }
  // Whether a step was taken that the predicate finds a fact of.
  template <class Predicate>
  [[nodiscard]] bool with_fact(Predicate predicate) const {
    for (auto id : model_.threads.ids()) {
      const auto& steps = model_.threads[id].steps;
      for (std::size_t s = 0; s < steps.size(); ++s) {
        if (!step(id, s)) continue;
        for (const model::Fact& fact : steps[s].facts) {
          if (predicate(fact)) return true;
        }
      }
      for (const model::Fact& fact : model_.threads[id].start_facts) {
        if (predicate(fact)) return true;
      }
    }
    return false;
  }

private:
  const model::Model& model_;
  std::vector<std::vector<bool>> by_step_;
};

std::vector<std::string> unreached_labels(const model::Model& model, const Taken& taken) {
  std::vector<std::string> result;
  for (auto id : model.threads.ids()) {
    const model::Thread& thread = model.threads[id];
    std::vector<bool> reached(thread.labels.size());
    reached[thread.start.value] = true;
    for (std::size_t s = 0; s < thread.steps.size(); ++s) {
      if (taken.step(id, s)) reached[thread.steps[s].to.value] = true;
    }
    for (auto label : thread.labels.ids()) {
      if (!reached[label.value])
        result.push_back(fmt::format("{}: {}", thread.name, thread.labels[label].name));
    }
  }
  return result;
}

std::string description(const model::Thread& thread, const model::Step& step) {
  std::string text = fmt::format("{}: {}", thread.name, thread.labels[step.from].name);
  if (!step.text.empty()) text += ": " + step.text;
  if (!step.status.empty()) text += fmt::format(" [{}]", step.status);
  if (!step.source.file.empty()) text += fmt::format(" ({}:{})", step.source.file, step.source.line);
  return text;
}

// A written step may have become several, one for each path of its silent tail; it was taken if one of them
// was.
std::vector<std::string> unreached_steps(const model::Model& model, const Taken& taken) {
  std::vector<std::string> order;
  std::map<std::string, bool> was_taken;
  for (auto id : model.threads.ids()) {
    const model::Thread& thread = model.threads[id];
    for (std::size_t s = 0; s < thread.steps.size(); ++s) {
      if (!thread.steps[s].error.empty()) continue;
      const std::string text = description(thread, thread.steps[s]);
      if (was_taken.emplace(text, false).second) order.push_back(text);
      was_taken[text] = was_taken[text] || taken.step(id, s);
    }
  }
  std::erase_if(order, [&](const std::string& text) { return was_taken[text]; });
  return order;
}

std::vector<std::string> idle_guards(const model::Model& model, const Taken& taken,
                                     const Coverage& coverage) {
  std::set<model::Id<model::GuardName>> used;
  for (const model::Thread& thread : model.threads) {
    for (const model::Step& step : thread.steps) {
      for (const model::NamedConjunct& conjunct : step.named) used.insert(conjunct.guard);
      for (const model::Fact& fact : step.facts) {
        if (const auto* under = std::get_if<model::RanUnder>(&fact)) used.insert(under->guard);
      }
    }
  }
  std::vector<std::string> result;
  for (auto guard : used) {
    const bool ran = taken.with_fact([&](const model::Fact& fact) {
      const auto* under = std::get_if<model::RanUnder>(&fact);
      return under != nullptr && under->guard == guard;
    });
    if (!ran && !coverage.was_at_stake(guard)) result.push_back(model.guards[guard].name);
  }
  return result;
}

bool is_vacuous(const Case& judged, const Taken& taken, const Coverage& coverage) {
  if (std::holds_alternative<model::Asserted>(judged.property->claim)) {
    return !taken.with_fact([&](const model::Fact& fact) {
      const auto* assertion = std::get_if<model::Assertion>(&fact);
      return assertion != nullptr && assertion->property == judged.property->name;
    });
  }
  if (std::holds_alternative<model::LockDiscipline>(judged.property->claim)) {
    return !taken.with_fact(
        [](const model::Fact& fact) { return std::holds_alternative<model::LockEvent>(fact); });
  }
  if (std::holds_alternative<model::NoLivelock>(judged.property->claim) ||
      std::holds_alternative<model::NoStarvation>(judged.property->claim)) {
    return !taken.with_fact(
        [](const model::Fact& fact) { return std::holds_alternative<model::OperationEvent>(fact); });
  }
  if (const auto* retries = std::get_if<model::Retries>(&judged.property->claim)) {
    return !taken.with_fact([&](const model::Fact& fact) {
      const auto* event = std::get_if<model::LoopEvent>(&fact);
      return event != nullptr && event->loop == retries->loop;
    });
  }
  // Folded to nothing: for these parameters the antecedent never holds, or the rest always does.
  const auto* always = std::get_if<model::Always>(&judged.property->claim);
  return (always != nullptr && model::is_true(always->condition)) || coverage.is_idle(judged.position);
}

} // namespace

result::Vacuity vacuity_of(InterpretedSystem& system, Judge& judge) {
  const model::Model& model = system.instance().model();
  const Taken taken(system, judge.coverage());
  result::Vacuity vacuity;
  vacuity.unreached_labels = unreached_labels(model, taken);
  vacuity.unreached_steps = unreached_steps(model, taken);
  vacuity.idle_guards = idle_guards(model, taken, judge.coverage());
  for (const Case& judged : judge.cases()) {
    const bool sighted = judged.finding && !judged.looks_for_a_witness();
    if (!sighted && is_vacuous(judged, taken, judge.coverage())) {
      vacuity.vacuous_properties.push_back(judged.property->name);
    }
  }
  return vacuity;
}

} // namespace tdxcheck::explore
