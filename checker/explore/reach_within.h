// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which states can be reached through a part of the states alone, from some of the states in it: breadth
// first by the distance from the initial states, the way to a first one of them included. Cost: one pass over
// the edges of what is reached; 9 bytes per state.

#include <vector>

#include "explore/walk.h"

namespace tdxcheck::explore {

class ReachWithin {
public:
  // From the states `from` that are in `within`.
  ReachWithin(const ReachedGraph& graph, const std::vector<std::uint8_t>& from,
              const std::vector<std::uint8_t>& within);

  [[nodiscard]] const std::vector<std::uint8_t>& reached() const { return reached_; }
  // The shortest way to a reached state, through one of `from`.
  [[nodiscard]] Walk walk_to(StateNumber state) const;
  // Of reached states, the one that is reached first.
  [[nodiscard]] StateNumber first_of(const std::vector<StateNumber>& states) const;

private:
  void reach(StateNumber state, StateNumber from);

  const ReachedGraph& graph_;
  const std::vector<std::uint8_t>& within_;
  std::vector<std::uint8_t> reached_;
  std::vector<StateNumber> came_from_, turn_; // no_state: it is one of `from`
  std::vector<StateNumber> open_;
  StateNumber turns_ = 0;
};

} // namespace tdxcheck::explore
