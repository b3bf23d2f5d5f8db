// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which members of an index set may change places: for each set, a partition of its members into blocks.
// Renaming members within their blocks turns every step of the model into a step of the model, and keeps
// what the judged claims say of a state. (Scalarsets: Ip and Dill, Better Verification Through Symmetry,
// 1996; here found in the model instead of taken on trust, and of parts of a set, too.)
//
// Initial states need not be symmetric: what is reached from a renamed state is what is reached from the
// state, renamed.

#include <cstdint>
#include <string>
#include <vector>

#include "model/instance.h"

namespace tdxcheck::model {

class Symmetry {
public:
  // All members of every set are interchangeable.
  explicit Symmetry(const Instance& instance);

  // The block of each member, numbered by its first member.
  [[nodiscard]] const std::vector<std::uint32_t>& blocks(Id<IndexSet> set) const {
    return blocks_[set.value];
  }
  [[nodiscard]] bool is_trivial(Id<IndexSet> set) const; // no two members may change places
  [[nodiscard]] bool is_trivial() const;
  [[nodiscard]] bool is_ordered(Id<IndexSet> set) const { return ordered_[set.value]; }
  // What keeps members of the set apart, in words; empty where nothing does.
  [[nodiscard]] const std::string& reason(Id<IndexSet> set) const { return reasons_[set.value]; }

  // Whether something that was looked at depends on the variable.
  [[nodiscard]] bool is_read(Id<Variable> variable) const { return read_[variable.value]; }
  void note_read(Id<Variable> variable) { read_[variable.value] = true; }

  // The members of the mask and the others do not change places any more.
  void separate(Id<IndexSet> set, Value mask, const std::string& reason);
  void single_out(Id<IndexSet> set, Value member, const std::string& reason);
  void separate_all(Id<IndexSet> set, const std::string& reason);

private:
  std::vector<std::vector<std::uint32_t>> blocks_; // by set, by member
  std::vector<std::string> reasons_;               // by set
  std::vector<bool> ordered_;                      // by set: all of them were kept apart
  std::vector<bool> read_;                         // by variable
};

} // namespace tdxcheck::model
