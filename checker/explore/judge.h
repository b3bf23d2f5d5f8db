// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// All properties, judged in one run of the search.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explore/breadth_first_search.h"
#include "explore/by_move.h"
#include "explore/coverage.h"
#include "explore/watch.h"

namespace tdxcheck::explore {

// The first sighting of a property: on the path to `state` and, where given, the move from there.
struct Finding {
  StateNumber state = 0;
  std::optional<Move> move;
  Sighting sighting;
  bool stuck = false; // the thread of the sighting can never move again: no single state shows it
};

struct Case {
  const model::Property* property = nullptr;
  std::size_t position = 0;     // in Model::properties
  std::unique_ptr<Watch> watch; // none: not judged by exploration
  std::optional<Finding> finding;
  [[nodiscard]] bool looks_for_a_witness() const {
    return std::holds_alternative<model::Sometimes>(property->claim);
  }
};

class Judge : public SearchObserver {
public:
  // Those of the model's properties that are named, or all if none is.
  Judge(InterpretedSystem& system, const Contexts& contexts, const std::vector<std::string>& properties,
        bool until_first_violation);

  // The moves that it must be shown each time.
  void ask_for_moves(TransitionSystem& system) const;

  void found(const ReachedGraph& graph, StateNumber first, StateNumber end) override;
  void flagged(const ReachedGraph& graph, StateNumber from, Move move, std::uint8_t flags) override;
  void taken(Move move) override { coverage_.at_move(move); }
  void stopped(const ReachedGraph& graph, StateNumber state) override;
  [[nodiscard]] bool enough() const override { return until_first_violation_ && violated_; }

  // What another judge has seen in other parts of the same search. Of two sightings the one nearer to the
  // start counts.
  void add(const Judge& other, const ReachedGraph& graph);

  [[nodiscard]] std::vector<Case>& cases() { return cases_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  [[nodiscard]] Coverage& coverage() { return coverage_; }
  [[nodiscard]] bool asks_for_no_deadlock() const;

private:
  void look_at(const ReachedGraph& graph, StateNumber state);
  void close_settled();
  [[nodiscard]] bool all_ended(StateView state) const;
  void settle(Case& settled, StateNumber state, std::optional<Move> move, Sighting sighting);

  InterpretedSystem& system_;
  Coverage coverage_;
  std::vector<Case> cases_;
  // Judged, and nothing sighted yet: all, and by what they look at.
  std::vector<Case*> open_, open_to_states_, open_to_moves_, open_to_ends_;
  std::vector<std::vector<std::uint8_t>> end_; // by thread, by label
  bool until_first_violation_;
  bool violated_ = false;
};

} // namespace tdxcheck::explore
