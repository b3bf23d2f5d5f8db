// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The least state among all that arise from one by renaming interchangeable members: two states have the same
// canonical form exactly if a renaming turns one into the other.
//
// Members of a set are *sorted* by their columns where nothing relates two of them: a variable that holds a
// member (who has the lock) is one more bit of the column of the one it holds. Where the members of a set
// relate to each other, or to those of another set, the smaller of the two sets is *searched*: its members
// are put in the order of their columns and of how they are related (a colour, refined twice as in graph
// canonisation), and only ties are permuted; under each, the other set is sorted again. Members that can be
// exchanged without changing the state tie, but need not be permuted. (Ip and Dill; Clarke, Enders, Filkorn
// and Jha, Exploiting Symmetry in Temporal Logic Model Checking, 1996.)
//
// Ties of more than `most_candidates` permutations are not all tried. Then some states are not merged that
// could be; never are two that may not. Cost: some 20 to 60 ns where members are sorted, more where ties are
// permuted. Not for several threads at once: it works in buffers of its own.
//
// Tests: canonical_form_test.cpp, with random renamings of random states.

#include "explore/renaming.h"
#include "explore/symmetric_fields.h"

namespace tdxcheck::explore {

class CanonicalForm {
public:
  static constexpr std::size_t most_candidates = 5040;

  CanonicalForm(const InterpretedSystem& system, const model::Symmetry& symmetry,
                std::size_t candidates = most_candidates);

  // `form` receives the words; may not overlap `state`.
  void of(StateView state, Word* form) { find(state, form, nullptr); }
  // `renaming` becomes one that turns `state` into `form`.
  void of(StateView state, Word* form, Renaming& renaming) { find(state, form, &renaming); }

  [[nodiscard]] bool is_searched(std::size_t set) const { return searched_[set]; } // of the symmetric sets
  [[nodiscard]] const SymmetricFields& fields() const { return fields_; }

private:
  using Values = std::vector<model::Value>;
  // Where a relation's cell shows in the key of a member.
  struct KeyPart {
    std::uint32_t block = 0, word = 0;
    std::uint8_t position = 0, shift = 0,
                 width = 0; // of an index: the member's position, where its value goes
  };
  struct Ties { // positions first .. last - 1 of the block's order
    std::size_t block = 0, first = 0, last = 0;
  };

  void choose_searched_sets();
  void lay_out_keys();
  void find(StateView state, Word* form, Renaming* renaming);
  void gather(StateView state);
  void load_order(std::size_t block); // of the columns alone
  [[nodiscard]] std::size_t renamed(const RelationCell& cell) const;
  [[nodiscard]] model::Value renamed_value(const Relation& relation, model::Value value) const;
  void rename_relations();
  void sort_block(std::size_t block);
  void sort_all();
  [[nodiscard]] bool is_in_order() const;
  void number_colours();
  [[nodiscard]] Word& colour_of(std::size_t block, std::size_t position);
  void colour_by_columns();
  void tell_each_other(const std::uint32_t* slots, std::size_t count, Word label);
  void refine_colours();
  template <class Before>
  void split(const Ties& part, const Before& before, std::vector<Ties>& ties);
  void order_searched();
  [[nodiscard]] bool are_twins(const Block& block, std::size_t a, std::size_t b) const;
  bool next_candidate();
  void write(StateView state, Word* form);
  [[nodiscard]] Word* key(std::size_t block, std::size_t position) {
    return keys_[block].data() + position * key_words_[block];
  }
  [[nodiscard]] bool is_less(std::size_t block, std::size_t a, std::size_t b);
  void rename(std::size_t block); // by its order
  void keep_best(Word* form, Renaming* renaming);

  const InterpretedSystem& system_;
  SymmetricFields fields_;
  std::size_t most_;           // candidates
  std::vector<bool> searched_; // by symmetric set
  bool searches_ = false;
  std::vector<std::size_t> key_words_;            // by block: columns, then relations
  std::vector<std::vector<KeyPart>> index_parts_; // by relation cell: its value, for the member of an index
  std::vector<std::vector<KeyPart>> value_parts_; // by relation cell: a bit, for the member that it holds

  std::vector<std::vector<std::uint32_t>> slots_; // by symmetric set, by member: where its colour is
  std::vector<Word> labels_;                      // by relation cell

  // One state at work.
  std::vector<std::vector<Word>> keys_;          // by block, by position, by word
  std::vector<std::vector<std::uint8_t>> order_; // by block: which position comes first, second...
  std::vector<Word> colours_, next_colours_;     // of members of symmetric sets, by slot
  Values values_, renamed_values_;               // by relation cell
  std::vector<std::vector<std::uint8_t>> to_;    // by symmetric set, by member
  std::vector<Ties> ties_, parts_;
  std::vector<Word> candidate_;
  Renaming best_;
};

} // namespace tdxcheck::explore
