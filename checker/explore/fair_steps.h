// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The steps that fairness speaks of: each written step of each thread instance that is weakly or strongly
// fair. Its choices do not matter, nor do the paths of its silent tail: it is enabled where one of them is,
// and taken whatever was chosen. Steps of several members of a set are a *kind*; what a verdict hinges on is
// said of kinds.
//
// The weakly fair steps of a thread at one label count as one: weak fairness says that a thread which can
// always go on goes on. Taken one by one they would let it stop for ever in front of a trylock, while others
// lock and unlock: neither "taken" nor "busy" is enabled all the time, but one of them always is.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "explore/by_move.h"

namespace tdxcheck::explore {

class FairSteps {
public:
  using Number = std::uint32_t;
  static constexpr Number none = 0xffffffff;

  explicit FairSteps(const InterpretedSystem& system);

  [[nodiscard]] Number of(Move move) const { return by_move_[move]; }
  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  [[nodiscard]] bool is_strong(Number step) const {
    return steps_[step].step->fairness == model::Fairness::strong;
  }

  [[nodiscard]] std::size_t kind(Number step) const { return steps_[step].kind; }
  [[nodiscard]] std::size_t kinds() const { return kinds_; }
  // One line for each kind, "strong fairness of ipi: interrupt"; but where a verdict hinges on many weakly
  // fair steps of a thread, which only means that it must not stop, one line for all of them.
  [[nodiscard]] std::vector<std::string> describe(const std::set<std::size_t>& kinds) const;
  // As if the steps of that kind were not fair.
  [[nodiscard]] FairSteps without(std::size_t kind) const;

private:
  struct Fair {
    std::size_t kind;
    const model::Thread* thread;
    const model::Step* step;
  };

  [[nodiscard]] const Fair& one_of(std::size_t kind) const;
  [[nodiscard]] static std::string describe(const Fair& fair);

  ByMove<Number> by_move_;
  std::vector<Fair> steps_;
  std::size_t kinds_ = 0;
};

} // namespace tdxcheck::explore
