// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A renaming of members, one permutation for each index set, and what it makes of values, thread instances
// and moves.

#include <cstdint>
#include <vector>

#include "explore/interpreted_system.h"

namespace tdxcheck::explore {

class Renaming {
public:
  explicit Renaming(const model::Instance& instance); // the identity

  [[nodiscard]] std::uint8_t& operator()(model::Id<model::IndexSet> set, model::Value member) {
    return to_[first_[set.value] + static_cast<std::size_t>(member)];
  }
  [[nodiscard]] std::uint8_t operator()(model::Id<model::IndexSet> set, model::Value member) const {
    return to_[first_[set.value] + static_cast<std::size_t>(member)];
  }
  // By set, then by member.
  [[nodiscard]] const std::vector<std::uint8_t>& members() const { return to_; }
  void become_identity();

  // First this, then `next`.
  [[nodiscard]] Renaming then(const Renaming& next) const;
  [[nodiscard]] Renaming inverse() const;
  // Of a member, an optional one or a subset; what is of another sort stays.
  [[nodiscard]] model::Value value(const model::Sort& sort, model::Value value) const;
  friend bool operator==(const Renaming& a, const Renaming& b) { return a.to_ == b.to_; }

private:
  std::vector<std::size_t> first_; // by set, and the end
  std::vector<std::uint8_t> to_;
};

// Where a thread instance goes.
[[nodiscard]] std::size_t renamed_thread(const model::Instance& instance, const Renaming& renaming,
                                         std::size_t thread);
// The same step by the renamed thread, with renamed choices. The renaming belongs to a symmetry of the model.
[[nodiscard]] Move renamed_move(const InterpretedSystem& system, const Renaming& renaming, Move move);
// The state in which every member plays the part of the one that is renamed to it. Slow, and obviously so.
[[nodiscard]] std::vector<Word> renamed_state(const InterpretedSystem& system, const Renaming& renaming,
                                              StateView state);

} // namespace tdxcheck::explore
