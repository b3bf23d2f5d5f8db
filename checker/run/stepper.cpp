// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/stepper.h"

#include "run/lift_plain_run.h"
#include "support/contract.h"

#include <algorithm>

namespace tdxcheck::run {

Stepper::Stepper(const Target& target) : target_(target), interpreter_(target.model, target.valuation) {
  interpreter_.each_start([&](const semantics::Start& start) {
    if (std::ranges::find(starts_, start.state) != starts_.end()) return true;
    if (starts_.size() == most_starts) return more_starts_ = true, false;
    starts_.push_back(start.state);
    return true;
  });
  support::ensures_internal(!starts_.empty(), "a model starts somewhere");
  look();
}

void Stepper::start(std::size_t number) {
  support::expects(number < starts_.size(), "an initial state that is offered");
  start_ = number;
  taken_.clear();
  at_ = 0;
  look();
}

bool Stepper::take(std::size_t number) {
  support::expects(number < actions_.size(), "a step that is offered");
  const semantics::Action& action = actions_[number];
  if (action.model_error) return false;
  const bool as_before = at_ < taken_.size() && taken_[at_].thread == action.thread &&
                         taken_[at_].step == action.step && taken_[at_].choices == action.choices;
  if (!as_before) {
    taken_.erase(taken_.begin() + static_cast<std::ptrdiff_t>(at_), taken_.end());
    taken_.push_back(action);
  }
  ++at_;
  look();
  return true;
}

void Stepper::go_to(std::size_t steps) {
  support::expects(steps <= taken_.size(), "a state of the run that was made");
  at_ = steps;
  look();
}

void Stepper::look() {
  actions_ = interpreter_.actions(now());
  next_.clear();
  for (const semantics::Action& action : actions_)
    next_.push_back(
        {lift_plain_run(interpreter_, {now(), {action}}).steps.front(), action.model_error.value_or("")});
}

semantics::PlainRun Stepper::run() const {
  return {starts_[start_], {taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(at_)}};
}

result::Names Stepper::state() const { return lift_plain_run(interpreter_, {now(), {}}).initial; }

result::Trace Stepper::trace() const {
  result::Trace trace = lift_plain_run(interpreter_, run());
  trace.target = target_.name;
  trace.parameters = target_.parameters();
  trace.without = target_.without();
  trace.fair = target_.fair;
  return trace;
}

} // namespace tdxcheck::run
