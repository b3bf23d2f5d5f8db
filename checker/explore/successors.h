// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The successors of some states, by columns: one for each word of the state, so that several successors are
// computed by one instruction, one for the state that each comes from and one for the moves. Columns are
// written by blocks: a few places beyond the last successor may be overwritten.

#include <memory>
#include <span>
#include <vector>

#include "explore/transition_system.h"

namespace tdxcheck::explore {

class Successors {
public:
  static constexpr std::size_t block = 8; // as far as a writer may reach beyond the end

  struct Flagged {
    std::size_t at; // which successor
    std::uint8_t flags;
  };

  Successors(std::size_t words, std::size_t room);

  void clear();
  [[nodiscard]] std::size_t words() const { return words_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t room() const { return room_; }
  [[nodiscard]] Word* column(std::size_t word) { return next_.get() + word * stride(); }
  [[nodiscard]] const Word* column(std::size_t word) const { return next_.get() + word * stride(); }
  [[nodiscard]] std::size_t stride() const { return room_ + block; } // from column to column
  [[nodiscard]] StateNumber* sources() { return sources_.get(); }
  [[nodiscard]] const StateNumber* sources() const { return sources_.get(); }
  [[nodiscard]] Move* moves() { return moves_.get(); }
  [[nodiscard]] const Move* moves() const { return moves_.get(); }
  void read(std::size_t at, Word* state) const {
    for (std::size_t w = 0; w < words_; ++w) state[w] = column(w)[at];
  }

  // For writers: first what was written into the columns becomes part of this, then it is flagged.
  void set_size(std::size_t size) { size_ = size; }
  void flag(std::size_t at, std::uint8_t flags) { flagged_.push_back({at, flags}); }
  void push_back(StateView next, StateNumber source, Move move, std::uint8_t flags);
  void make_room(std::size_t more);
  // The successors of a source are complete.
  void close_source() { ends_.push_back(static_cast<std::uint32_t>(size_)); }
  // A move that was taken somewhere; at least the first time.
  void take_note_of(Move move) { noted_.push_back(move); }

  // By source: where its successors end. Of all that was expanded since clear().
  [[nodiscard]] const std::vector<std::uint32_t>& ends() const { return ends_; }
  [[nodiscard]] std::vector<std::uint32_t>& ends() { return ends_; }
  [[nodiscard]] const std::vector<Flagged>& flagged() const { return flagged_; } // ascending
  [[nodiscard]] const std::vector<Move>& noted() const { return noted_; }

private:
  std::size_t words_, room_;
  std::size_t size_ = 0;
  std::unique_ptr<Word[]> next_;
  std::unique_ptr<StateNumber[]> sources_;
  std::unique_ptr<Move[]> moves_;
  std::vector<std::uint32_t> ends_;
  std::vector<Flagged> flagged_;
  std::vector<Move> noted_;
};

} // namespace tdxcheck::explore
