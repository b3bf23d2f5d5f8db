// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/describe_step.h"

#include "model/print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tdxcheck::report {
namespace {

using model::print;

std::string instance_of(const model::Model& model, model::Id<model::Lock> lock,
                        const std::vector<model::Expr>& at) {
  std::string name = model.locks[lock].name;
  for (const auto& index : at) name += "[" + print(model, index) + "]";
  return name;
}

std::string in_mode(model::LockMode mode) { return mode == model::LockMode::shared ? " (shared)" : ""; }

std::string_view words_for(model::ContextAction action) {
  switch (action) {
  case model::ContextAction::irqs_off: return "IRQs off";
  case model::ContextAction::irqs_on: return "IRQs on";
  case model::ContextAction::preempt_off: return "preemption off";
  case model::ContextAction::preempt_on: return "preemption on";
  case model::ContextAction::irq_enter: return "enters an interrupt handler";
  case model::ContextAction::irq_exit: return "leaves the interrupt handler";
  }
  return "";
}

std::string_view words_for(model::LoopAction action) {
  switch (action) {
  case model::LoopAction::enter: return "enters loop";
  case model::LoopAction::again: return "once more round loop";
  case model::LoopAction::leave: return "leaves loop";
  }
  return "";
}

std::string_view words_for(model::CostKind kind) {
  switch (kind) {
  case model::CostKind::seamcalls: return "SEAMCALLs";
  case model::CostKind::ipis: return "IPIs";
  case model::CostKind::cycles: return "cycles";
  }
  return "";
}

// One line per kind of fact; no default branch, so that a new kind of fact is not forgotten here.
struct FactLine {
  const model::Model& model;

  std::string operator()(const model::LockEvent& event) const {
    const std::string lock = instance_of(model, event.lock, event.instance) + in_mode(event.mode);
    switch (event.action) {
    case model::LockAction::acquire: return "takes " + lock;
    case model::LockAction::try_acquire: return "takes " + lock + " by trying";
    case model::LockAction::busy: return "finds " + lock + " busy";
    case model::LockAction::release: return "drops " + lock;
    }
    return {};
  }
  std::string operator()(const model::WaitForLock& wait) const {
    return "waits for " + instance_of(model, wait.lock, wait.instance) + in_mode(wait.mode);
  }
  std::string operator()(const model::WaitForThreads& wait) const {
    const model::Thread& thread = model.threads[wait.thread];
    const std::string who =
        thread.over ? fmt::format("every {}[{}]", thread.name, wait.bound.name) : thread.name;
    return fmt::format("waits for {} with {}{}", who, print(model, wait.which),
                       wait.text.empty() ? "" : " (" + wait.text + ")");
  }
  std::string operator()(const model::WaitForCpu& wait) const {
    return "waits for CPU " + print(model, wait.cpu);
  }
  std::string operator()(const model::LoopEvent& event) const {
    return fmt::format("{} `{}`", words_for(event.action), model.loops[event.loop].name);
  }
  std::string operator()(const model::OperationEvent& event) const {
    const bool begins = event.action == model::OperationAction::begin;
    return fmt::format("{} operation `{}`", begins ? "begins" : "ends",
                       model.operations[event.operation].name);
  }
  std::string operator()(const model::Assertion& assertion) const {
    return fmt::format("{}: {} ({})", assertion.text.empty() ? "asserts" : assertion.text,
                       print(model, assertion.holds), assertion.property);
  }
  std::string operator()(const model::Cost& cost) const {
    return fmt::format("costs {} {}", print(model, cost.amount), words_for(cost.kind));
  }
  std::string operator()(const model::ContextEvent& event) const {
    return std::string(words_for(event.action));
  }
  std::string operator()(const model::RanUnder&) const { return {}; } // said in the headline
};

struct ScalarWords {
  const model::Model& model;

  std::string operator()(const model::BoolType&) const { return "bool"; }
  std::string operator()(const model::IntegerType& type) const {
    return fmt::format("integer {}..{}", print(model, type.low), print(model, type.high));
  }
  std::string operator()(const model::BitsType& type) const { return "bits " + print(model, type.width); }
  std::string operator()(const model::EnumType& type) const {
    return model.enumerations[type.enumeration].name;
  }
  std::string operator()(const model::IndexType& type) const { return "index " + model.sets[type.set].name; }
  std::string operator()(const model::OptionalIndexType& type) const {
    return "optional index " + model.sets[type.set].name;
  }
  std::string operator()(const model::SubsetType& type) const { return "subset " + model.sets[type.of].name; }
};

// A lock that is taken and waited for is one thing to the reader.
bool is_waited_for(const model::LockEvent& taken, const std::vector<model::Fact>& facts) {
  const model::WaitForLock wait{taken.lock, taken.instance, taken.mode};
  return taken.action == model::LockAction::acquire &&
         std::ranges::find(facts, model::Fact(wait)) != facts.end();
}

bool is_said_with_taking(const model::WaitForLock& wait, const std::vector<model::Fact>& facts) {
  const model::LockEvent taken{model::LockAction::acquire, wait.lock, wait.instance, wait.mode};
  return std::ranges::find(facts, model::Fact(taken)) != facts.end();
}

void add_facts(const model::Model& model, const model::Step& step, std::vector<std::string>& lines) {
  for (const auto& fact : step.facts) {
    const auto* wait = std::get_if<model::WaitForLock>(&fact);
    if (wait != nullptr && is_said_with_taking(*wait, step.facts)) continue;
    std::string line = std::visit(FactLine{model}, fact);
    if (line.empty()) continue;
    lines.push_back(std::move(line));
    const auto* event = std::get_if<model::LockEvent>(&fact);
    if (event != nullptr && is_waited_for(*event, step.facts)) lines.back() += ", waiting for it";
  }
}

void add_guards(const model::Model& model, const model::Step& step, std::vector<std::string>& lines) {
  for (const auto& choice : step.choices)
    lines.push_back(fmt::format("for some {} in {}", choice.bound.name, model.sets[choice.set].name));
  if (!step.guard.empty() && !model::is_true(step.guard)) lines.push_back("when " + print(model, step.guard));
  for (const auto& conjunct : step.named)
    lines.push_back(fmt::format("when {} (guard `{}`)", print(model, conjunct.condition),
                                model.guards[conjunct.guard].name));
}

} // namespace

std::string headline(const model::Model& model, const model::Thread& thread, const model::Step& step) {
  std::string text = step.text;
  if (!step.call.empty() && text.find(step.call) == std::string::npos)
    text = text.empty() ? step.call : step.call + ": " + text;
  if (text.empty()) text = "-> " + thread.labels[step.to].name;
  if (!step.status.empty() && text.find(step.status) == std::string::npos) text += " -> " + step.status;
  for (const auto& fact : step.facts)
    if (const auto* under = std::get_if<model::RanUnder>(&fact))
      text += fmt::format(" (guard `{}`)", model.guards[under->guard].name);
  return text;
}

std::vector<std::string> describe(const model::Model& model, const model::Step& step) {
  std::vector<std::string> lines;
  add_guards(model, step, lines);
  add_facts(model, step, lines);
  for (const auto& update : step.updates)
    lines.push_back(print_reference(model, update.target) + " := " + print(model, update.value));
  if (step.fairness == model::Fairness::none) lines.emplace_back("may be put off for ever");
  if (step.fairness == model::Fairness::strong)
    lines.emplace_back("happens in the end if enabled again and again");
  return lines;
}

std::string names_of(const model::Model& model, const std::vector<model::Id<model::IndexSet>>& sets) {
  if (sets.empty()) return {};
  std::vector<std::string> names;
  for (const auto set : sets) names.push_back(model.sets[set].name);
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string describe(const model::Model& model, const model::Type& type) {
  const std::string scalar = std::visit(ScalarWords{model}, type.scalar);
  return type.array_of.empty() ? scalar
                               : fmt::format("array {} of {}", names_of(model, type.array_of), scalar);
}

} // namespace tdxcheck::report
