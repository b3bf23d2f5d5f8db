// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which locks a thread holds at a label, found in what steps do and not in what they say of themselves: a
// fact that claims a lock where the guard was dropped would let a reduction hide the very race.
//
// A variable is a lock if every step that writes it
//   - takes it: it was free (its initial value) by the guard, or
//   - counts one more holder, or
//   - gives it back where the thread holds it on every path: whatever the value, or one less.
// By induction over all runs, a place that somebody holds is not free, and a place that is taken only where
// it is free has one holder at most. Two locks of which each is taken only where the other is free (a
// rwlock's readers and its writer) are never held at once by two threads.
//
// A place is held under a name, `lock[e]` with the thread's local `e`, for as long as `e` stays.

#include <map>

#include "explore/read_write_sets.h"

namespace tdxcheck::explore {

class HeldPlaces {
public:
  explicit HeldPlaces(const Footprints& footprints);

  [[nodiscard]] bool is_reached(std::size_t thread, model::Id<model::Label> label) const {
    return held_[thread][label.value].has_value();
  }
  // At a label that control flow reaches.
  [[nodiscard]] const std::vector<Place>& at(std::size_t thread, model::Id<model::Label> label) const {
    return *held_[thread][label.value];
  }
  // Whether a thread may hold the first only while nobody else holds the second at the same members.
  [[nodiscard]] bool excludes(model::Id<model::Variable> a, model::Id<model::Variable> b) const;
  // Of a number that counts holders: it is exactly their number, and its range has room for all that there
  // can be.
  [[nodiscard]] bool stays_in_range(model::Id<model::Variable> variable) const {
    return locks_[variable.value].stays_in_range;
  }
  // The value of a lock that nobody holds.
  [[nodiscard]] std::optional<model::Value> free_value(model::Id<model::Variable> variable) const {
    return locks_[variable.value].free;
  }

private:
  struct Lock {
    std::optional<model::Value> free; // none: not a lock
    bool counts = false;
    bool stays_in_range = false;
  };
  using Held = std::optional<std::vector<Place>>; // none: not reached

  void find_candidates();
  void follow(std::size_t thread);
  [[nodiscard]] Place as_remembered(Move move, Place place) const;
  [[nodiscard]] std::vector<Place> after(Move move, std::vector<Place> held) const;
  [[nodiscard]] bool requires_free(Move move, const Place& place) const;
  [[nodiscard]] bool takes(Move move, const Assignment& assignment) const;
  [[nodiscard]] bool keeps_the_rules(Move move, const Assignment& assignment) const;
  void drop_those_that_break_the_rules();
  void find_exclusions();
  void find_exact_counts();

  const Footprints& footprints_;
  ByMove<std::vector<Assignment>> assignments_;
  std::vector<Lock> locks_;             // by variable
  std::vector<std::vector<Held>> held_; // by thread, by label
  std::vector<std::vector<std::uint8_t>> excludes_;
};

} // namespace tdxcheck::explore
