// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// For a thread at a label: where other threads must be so that nothing they do from there on, as long as this
// thread stays where it is, has to do with its moves there. Then its moves alone are a persistent set
// (Godefroid): whatever the others do before, it does not matter whether one of these moves came first.
//
// Two moves have to do with each other if one writes what the other reads or writes. That is not so where
// they change or look at different members of a subset; where both only count a number up or down that never
// leaves its range; and where they name their cells under locks of which two threads never hold the same
// member (held_places.h), or where the other move waits for what this thread holds: then the cells are
// different ones, or the other move does not happen before this thread has moved on.

#include "explore/held_places.h"

namespace tdxcheck::explore {

class Dependence {
public:
  // `seen`: by thread, by label: fields besides those of the moves that somebody looks at while the thread is
  // there.
  Dependence(const Footprints& footprints, const HeldPlaces& held,
             const std::vector<std::vector<FieldSet>>& seen);

  // Whether what `other` may do from `there` on has to do with the thread's moves at the label.
  [[nodiscard]] bool may_meet(std::size_t thread, std::size_t label, std::size_t other,
                              std::size_t there) const {
    return rows_[thread][label][other][there];
  }
  // Whether each other thread has some label where they do not meet.
  [[nodiscard]] bool is_ever_alone(std::size_t thread, std::size_t label) const;

private:
  struct Summary {
    FieldSet reads, writes;
  };
  void fill(std::size_t thread, std::size_t label);
  [[nodiscard]] bool conflict(std::size_t thread, std::size_t label, std::size_t other,
                              std::size_t there) const;
  [[nodiscard]] bool conflict(Move a, const std::vector<Place>& held_by_a, Move b,
                              const std::vector<Place>& held_by_b) const;
  // Of accesses to one cell: to different members of a subset, or counting up and down.
  [[nodiscard]] bool commute(const Access& a, const Access& b) const;
  [[nodiscard]] bool different_cells(const Access& a, const std::vector<Place>& held_by_a, const Access& b,
                                     const std::vector<Place>& held_by_b, Move by) const;
  // Whether nobody can do the move, or be where it starts, while these are held.
  [[nodiscard]] bool is_kept_out(Move move, const std::vector<Place>& held_by_other) const;
  [[nodiscard]] bool is_kept_out(std::size_t other, std::size_t there, const std::vector<Place>& held) const;

  const Footprints& footprints_;
  const HeldPlaces& held_;
  const std::vector<std::vector<FieldSet>>& seen_;
  std::vector<std::vector<Summary>> summaries_; // by thread, by label, what is seen included
  ByMove<Summary> unnamed_;                     // read or written, and no place says so
  std::vector<std::vector<std::vector<std::vector<bool>>>> rows_;
};

} // namespace tdxcheck::explore
