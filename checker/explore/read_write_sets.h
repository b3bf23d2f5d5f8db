// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What each move reads and writes. The fields come from the compiled move, so they are what the engine looks
// at and changes; the places say besides how the step names them. Reading includes guards, values, indices,
// and assertions. A thread's own label is left out, except that a move writes it where the model can tell by
// a region.

#include "explore/by_move.h"
#include "explore/places.h"

namespace tdxcheck::explore {

struct Access {
  Place place;
  FieldSet fields; // of the place, as far as the move reads or writes them
  bool is_write = false;
  model::Value member = Glance::all; // of a subset: only this member is looked at, or changed
  bool is_count = false;             // one more or one less is written, and the number read for that alone
};

struct ReadWriteSets {
  FieldSet reads, writes;
  std::vector<Access> accesses; // by name, of all cells that lie in `reads` or `writes`
  // Where the move is enabled, these have these values.
  std::vector<PlaceReader::Required> required;
  // Elsewhere it is not enabled, nor is it a model error: the guard always has a value.
  bool always_decided = false;
};

// What the updates of a move assign, in the order of the step's updates.
struct Assignment {
  Place place;
  enum class Kind : std::uint8_t { constant, member, one_more, one_less, unknown };
  Kind kind = Kind::unknown; // member: some member of a set, and not none
  model::Value value = 0;    // constant
};

class Footprints {
public:
  explicit Footprints(InterpretedSystem& system);

  [[nodiscard]] const ReadWriteSets& of(Move move) const { return sets_[move]; }
  [[nodiscard]] std::vector<Assignment> assignments(Move move) const;
  [[nodiscard]] const InterpretedSystem& system() const { return system_; }
  // Whether no other thread writes the field.
  [[nodiscard]] bool owns(std::size_t thread, std::size_t field) const { return owned_[thread].has(field); }
  [[nodiscard]] const PlaceReader& reader(std::size_t thread) const { return readers_[thread]; }

private:
  void read_and_write(Move move);
  void name(Move move);

  InterpretedSystem& system_;
  ByMove<ReadWriteSets> sets_;
  std::vector<FieldSet> owned_; // by thread: what no other thread writes
  std::vector<PlaceReader> readers_;
};

} // namespace tdxcheck::explore
