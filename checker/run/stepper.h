// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A run made by hand, by the reference semantics: what may happen next, and what was chosen.

#include "result/trace.h"
#include "run/target.h"
#include "semantics/brute_force.h"
#include "semantics/interpreter.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tdxcheck::run {

// What may happen next; `error` where it is a model error, which leads nowhere.
struct NextStep {
  result::TraceStep step;
  std::string error;
};

class Stepper {
public:
  // Keeps a reference to the target. Of more than `most_starts` initial states the first ones are offered.
  static constexpr std::size_t most_starts = 1000;
  explicit Stepper(const Target& target);

  [[nodiscard]] std::size_t starts() const { return starts_.size(); }
  [[nodiscard]] bool more_starts() const { return more_starts_; }
  // Begins anew, there.
  void start(std::size_t number);

  [[nodiscard]] const std::vector<NextStep>& next() const { return next_; }
  // False for a model error. What was taken after this state before is forgotten if it was another step.
  bool take(std::size_t number);

  [[nodiscard]] std::size_t steps() const { return at_; }                 // from the start to this state
  [[nodiscard]] std::size_t known_steps() const { return taken_.size(); } // and on, until where it was left
  void go_to(std::size_t steps);                                          // at most known_steps()

  [[nodiscard]] result::Names state() const;
  // The run to this state; it names no property.
  [[nodiscard]] result::Trace trace() const;

private:
  void look();
  [[nodiscard]] semantics::PlainRun run() const;
  [[nodiscard]] const semantics::State& now() const {
    return at_ == 0 ? starts_[start_] : taken_[at_ - 1].next;
  }

  const Target& target_;
  semantics::Interpreter interpreter_;
  std::vector<semantics::State> starts_;
  bool more_starts_ = false;
  std::size_t start_ = 0, at_ = 0;
  std::vector<semantics::Action> taken_, actions_;
  std::vector<NextStep> next_;
};

} // namespace tdxcheck::run
