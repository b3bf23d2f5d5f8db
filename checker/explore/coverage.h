// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What was at stake: which moves were taken, which named guards ever made a difference, which antecedents
// ever held. A success that rests on none of it says nothing, and vacuity.h reports it.
//
// A named conjunct is at stake in a state at its label in which the rest of the guard holds and it does not.
// Each is looked at until it was, so that this costs little in models where guards matter.

#include <vector>

#include "explore/by_move.h"
#include "explore/interpreted_system.h"
#include "explore/settled_keys.h"

namespace tdxcheck::explore {

class Coverage {
public:
  explicit Coverage(InterpretedSystem& system);

  [[nodiscard]] bool looks_at_states() const {
    return !threads_with_stakes_.empty() || !idle_claims_.empty();
  }
  // The state is loaded into the system.
  void at_state(StateView state);
  void at_move(Move move) { taken_[move.thread][move.step] = 1; }
  // Moves that were taken and not shown.
  void at_moves(const MoveSet& moves);

  [[nodiscard]] bool was_taken(Move move) const { return taken_[move.thread][move.step] != 0; }
  [[nodiscard]] bool was_at_stake(model::Id<model::GuardName> guard) const { return at_stake_[guard.value]; }
  // A property of the model by position: `always` whose antecedent never held, `balanced` whose count stayed
  // 0.
  [[nodiscard]] bool is_idle(std::size_t property) const;

  // What was covered elsewhere.
  void add(const Coverage& other);

private:
  struct Stake {
    model::Id<model::GuardName> guard;
    InterpretedSystem::Program program; // the rest holds, and this conjunct does not
  };
  struct Stakes {
    std::vector<Stake> open; // those that were not at stake yet
    SettledKeys settled;
  };
  struct Claim {
    std::size_t property;
    InterpretedSystem::Program matters;
    SettledKeys settled;
  };

  void add_stakes(std::size_t thread, const model::Step& step);
  void add_claims();
  void remember(Stakes& stakes) const;
  [[nodiscard]] bool has_stakes(std::size_t thread) const;
  void look_at(Stakes& here, StateView state);

  InterpretedSystem& system_;
  std::vector<std::vector<std::uint8_t>> taken_; // by thread, by move
  std::vector<std::vector<Stakes>> stakes_;      // by thread, by label
  std::vector<std::size_t> threads_with_stakes_; // that are open somewhere
  std::vector<bool> at_stake_;                   // by guard
  std::vector<Claim> idle_claims_;
};

} // namespace tdxcheck::explore
