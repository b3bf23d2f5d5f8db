// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// States that are reached, for the prover to learn from: all of them, if they are not too many, for some
// small values of the free parameters; the nearest ones otherwise.

#include <vector>

#include "prove/seen_states.h"
#include "prove/sized_states.h"

namespace tdxcheck::run {

struct SampledStates {
  prove::SeenStates states;
  // For each choice of values: whether its states are all of them.
  struct Values {
    std::vector<model::Value> parameters;
    bool complete = false;
    std::size_t states = 0;
  };
  std::vector<Values> values;
};

// At most about so many states, in at most about so many seconds.
[[nodiscard]] SampledStates sample_states(const prove::Problem& problem, std::size_t most_states,
                                          double seconds);

// The same for a problem with open sets: of some small instances.
[[nodiscard]] std::vector<prove::SizedStates> sample_small_instances(const prove::Problem& problem,
                                                                     std::size_t most_states, double seconds);

// A few values of each free parameter, in all combinations; those of the problem first.
[[nodiscard]] std::vector<std::vector<model::Value>> small_values(const prove::Problem& problem);

} // namespace tdxcheck::run
