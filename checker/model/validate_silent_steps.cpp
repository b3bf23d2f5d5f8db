// SPDX-License-Identifier: GPL-2.0-or-later
//
// A silent step is no step of its own, so nothing may tell that it happened: see the head of model.h. What
// its expressions read is checked with them (Place::silent_in); here is the rest.
#include "model/validation.h"

#include "model/print.h"

#include <map>

namespace tdxcheck::model::validation {
namespace {

// What the fact is, where a silent step may not carry it; else empty.
struct Loud {
  std::string_view operator()(const LockEvent&) const { return "a lock"; }
  std::string_view operator()(const WaitForLock&) const { return "waiting for a lock"; }
  std::string_view operator()(const WaitForThreads&) const { return "waiting for threads"; }
  std::string_view operator()(const WaitForCpu&) const { return "waiting for a CPU"; }
  std::string_view operator()(const Cost&) const { return "a cost"; }
  std::string_view operator()(const LoopEvent&) const { return ""; }
  std::string_view operator()(const OperationEvent&) const { return ""; }
  std::string_view operator()(const Assertion&) const { return ""; }
  std::string_view operator()(const ContextEvent&) const { return ""; }
  std::string_view operator()(const RanUnder&) const { return ""; }
};

void check_silent_step(Findings& findings, const Step& step) {
  if (!step.choices.empty())
    findings.add(step.source, "a silent step chooses `{}`", step.choices.front().bound.name);
  for (const Fact& fact : step.facts)
    if (const std::string_view what = std::visit(Loud{}, fact); !what.empty())
      findings.add(step.source, "a silent step is about {}", what);
}

} // namespace

void check_silent_steps(Findings& findings, Id<Thread> id) {
  const Thread& thread = findings.model.threads[id];
  std::map<Id<Label>, bool> silent; // whether the first step from the label is
  for (const Step& step : thread.steps) {
    if (step.silent) check_silent_step(findings, step);
    const auto [first, is_first] = silent.emplace(step.from, step.silent);
    if (!is_first && first->second != step.silent && thread.labels.has(step.from))
      findings.add(step.source, "the label `{}` of the thread `{}` has silent steps and others",
                   thread.labels[step.from].name, thread.name);
  }
}

} // namespace tdxcheck::model::validation
