// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A loop or an operation of one thread as a section of the reached graph, and what is counted in it.
//
// Counted are the thread's own steps: rounds of the loop, or what its steps cost. The steps of others do not
// count, not even those of a handler that the thread waits for.

#include <variant>

#include "audit/tally.h"
#include "explore/explored.h"
#include "explore/fair_run.h"
#include "graph/longest_path.h"

namespace tdxcheck::run {

using Unit = audit::TallyUnit;
using Counted = audit::TallyOf; // rounds of the loop, or a cost

class SectionOf {
public:
  // Of a thread instance (a position in Instance::threads).
  SectionOf(const explore::Explored& explored, std::size_t thread, Unit unit, Counted counted);
  SectionOf(const SectionOf&) = delete; // the section asks it what moves do
  SectionOf& operator=(const SectionOf&) = delete;

  [[nodiscard]] const graph::Section& section() const { return section_; }
  [[nodiscard]] graph::Longest longest() const;
  // A fair run that never leaves the section; one that goes on adding, if there is one.
  [[nodiscard]] std::optional<explore::Walk> fair_run_that_stays() const;

private:
  enum class What : std::uint8_t { begins, ends, adds };
  struct Event {
    What what;
    explore::InterpretedSystem::Program amount;
  };
  using Events = std::vector<Event>;

  [[nodiscard]] Events events_of(const std::vector<model::Fact>& facts,
                                 const explore::Surroundings& here) const;
  [[nodiscard]] graph::Passage passage(explore::StateNumber from, explore::Move move) const;
  [[nodiscard]] explore::Subgraph part() const;

  const explore::Explored explored_;
  std::size_t thread_;
  Unit unit_;
  Counted counted_;
  std::vector<Events> events_; // by move of the thread
  graph::Section section_;
};

} // namespace tdxcheck::run
