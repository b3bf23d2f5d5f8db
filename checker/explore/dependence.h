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

  // The thread's own locals that say which members its moves at the label are about. Few values are told
  // apart, since its locals stay as long as it does.
  [[nodiscard]] const std::vector<std::size_t>& told_apart_by(std::size_t thread, std::size_t label) const {
    return told_apart_by_[thread][label];
  }
  static constexpr std::size_t most_told_apart = 16;

  // Whether what `other` may do from `there` on has to do with the thread's moves at the label, given values
  // of those locals: their number, the last of them changing fastest.
  [[nodiscard]] bool may_meet(std::size_t thread, std::size_t label, std::size_t values, std::size_t other,
                              std::size_t there) const {
    return rows_[thread][label][values][other][there];
  }
  [[nodiscard]] std::size_t values(std::size_t thread, std::size_t label) const {
    return rows_[thread][label].size();
  }
  // Whether each other thread has some label where they do not meet, for some values.
  [[nodiscard]] bool is_ever_alone(std::size_t thread, std::size_t label) const;

private:
  struct Summary {
    FieldSet reads, writes;
  };
  // What a move has to do with others.
  struct View {
    Summary all, unnamed; // unnamed: read or written, and no place says so
    std::vector<Access> accesses;
    Move move;
  };
  // A thread at a label, what its locals say being known.
  struct Stand {
    std::size_t thread, label;
    Summary all; // what is seen included
    std::vector<View> moves;
    std::vector<Place> held;
  };
  using Row = std::vector<std::vector<bool>>; // by other thread, by its label
  using Values = std::map<std::size_t, model::Value>;

  [[nodiscard]] View view_of(Move move) const;
  [[nodiscard]] Stand stand(std::size_t thread, std::size_t label) const;
  [[nodiscard]] Stand stand(std::size_t thread, std::size_t label, const Values& values) const;
  [[nodiscard]] std::vector<std::size_t> find_what_tells_apart(const Stand& here) const;
  void fill(std::size_t thread, std::size_t label);
  [[nodiscard]] Row row_of(const Stand& here) const;
  [[nodiscard]] bool conflict(const Stand& here, const Stand& there) const;
  [[nodiscard]] bool conflict(const View& a, const std::vector<Place>& held_by_a, const View& b,
                              const std::vector<Place>& held_by_b) const;
  // Of accesses to one cell: to different members of a subset, or counting up and down.
  [[nodiscard]] bool commute(const Access& a, const Access& b) const;
  [[nodiscard]] bool different_cells(const Access& a, const std::vector<Place>& held_by_a, const Access& b,
                                     const std::vector<Place>& held_by_b, Move by) const;
  // Whether nobody can do the move, or be where it starts, while these are held.
  [[nodiscard]] bool is_kept_out(Move move, const std::vector<Place>& held_by_other) const;
  [[nodiscard]] bool is_kept_out(const Stand& other, const std::vector<Place>& held) const;

  const Footprints& footprints_;
  const HeldPlaces& held_;
  const std::vector<std::vector<FieldSet>>& seen_;
  std::vector<std::vector<Stand>> stands_;                           // by thread, by label, nothing known
  std::vector<std::vector<std::vector<std::size_t>>> told_apart_by_; // by thread, by label
  std::vector<std::vector<std::vector<Row>>> rows_;                  // by thread, by label, by values
};

} // namespace tdxcheck::explore
