// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Hears of what a search finds, by the batch.

#include "explore/reached_graph.h"

namespace tdxcheck::explore {

class SearchObserver {
public:
  virtual ~SearchObserver() = default;
  // These states were found; their parents and all states before them are in the graph.
  virtual void found(const ReachedGraph&, StateNumber /*first*/, StateNumber /*end*/) {}
  // A transition with flags. Only the ones that have some are reported one by one.
  virtual void flagged(const ReachedGraph&, StateNumber /*from*/, Move, std::uint8_t /*flags*/) {}
  // A move was taken somewhere; once.
  virtual void taken(Move) {}
  // No step is enabled there.
  virtual void stopped(const ReachedGraph&, StateNumber) {}
  // Asked between levels, so that what was searched does not depend on who was faster.
  [[nodiscard]] virtual bool enough() const { return false; }
};

} // namespace tdxcheck::explore
