// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Which fields of a packed state belong to which interchangeable members, and how. There are two kinds:
//
//  * a *column* is what one member has for itself: its thread's label, its locals, its cells of variables
//  over
//    its set, as long as no value there is a member. To rename members is to exchange columns.
//  * a *relation* is a variable whose values are members (or sets of them), or with two indices over sets
//  with
//    interchangeable members: who holds the lock, which vCPU is on which pCPU. Its cells are exchanged, and
//    their values renamed.

#include <cstdint>
#include <vector>

#include "explore/interpreted_system.h"
#include "model/symmetry.h"

namespace tdxcheck::explore {

// Neighbouring fields that lie the same way for every member, as bits of a key.
struct Run {
  std::uint32_t key_word = 0;
  std::uint8_t key_shift = 0, width = 0;
};
struct Position {
  std::uint32_t word = 0;
  std::uint8_t shift = 0;
};

// Members of one set that may change places: at least two.
struct Block {
  std::size_t set = 0; // in SymmetricFields::sets
  std::vector<std::uint8_t> members;
  std::vector<Run> runs;
  std::vector<std::vector<Position>> places; // by position in `members`, by run
  std::size_t key_words = 0;
};

struct SymmetricSet {
  model::Id<model::IndexSet> id;
  std::vector<std::uint32_t> block_of; // by member, in SymmetricFields::blocks; no_block
  std::vector<std::uint8_t> position;  // by member, in its block
};
inline constexpr std::uint32_t no_block = 0xffffffff;

struct Relation {
  model::Id<model::Variable> variable;
  model::Sort sort;
  int values = -1; // whose members the values are, in SymmetricFields::sets
};

struct RelationCell {
  std::uint32_t relation = 0;
  Field field;
  // Its indices over symmetric sets; what they add to `base` makes the position in SymmetricFields::cells.
  struct Index {
    std::size_t set = 0;
    std::uint8_t member = 0;
    std::uint32_t stride = 0;
  };
  std::vector<Index> at;
  std::uint32_t base = 0;
};

struct SymmetricFields {
  SymmetricFields(const InterpretedSystem& system, const model::Symmetry& symmetry);

  std::vector<SymmetricSet> sets; // those with interchangeable members
  std::vector<Block> blocks;
  std::vector<Relation> relations;
  std::vector<RelationCell> cells;

private:
  void add_sets(const model::Instance& instance, const model::Symmetry& symmetry);
  void add_variable(const InterpretedSystem& system, model::Id<model::Variable> variable);
  void add_relation(const InterpretedSystem& system, const Relation& relation);
  void add_columns(const InterpretedSystem& system);
  [[nodiscard]] int position_of(model::Id<model::IndexSet> set) const; // -1: not symmetric

  // Fields of each member of each block, in the same order for all members of a block.
  std::vector<std::vector<std::vector<Field>>> columns_;
};

// Keeps apart what the layout cannot exchange: a member that a variable starts with which never has others.
void respect_layout(model::Symmetry& symmetry, const InterpretedSystem& system);

} // namespace tdxcheck::explore
