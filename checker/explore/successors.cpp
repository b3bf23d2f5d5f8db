// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/successors.h"

#include <algorithm>

namespace tdxcheck::explore {

Successors::Successors(std::size_t words, std::size_t room)
    : words_(words),
      room_(room),
      next_(std::make_unique<Word[]>(words * (room + block))),
      sources_(std::make_unique<StateNumber[]>(room + block)),
      moves_(std::make_unique<Move[]>(room + block)) {}

void Successors::clear() {
  size_ = 0;
  ends_.clear();
  flagged_.clear();
  noted_.clear();
}

void Successors::make_room(std::size_t more) {
  if (size_ + more <= room_) return;
  Successors larger(words_, std::max(room_ * 2, size_ + more));
  for (std::size_t w = 0; w < words_; ++w) std::copy_n(column(w), size_, larger.column(w));
  std::copy_n(sources(), size_, larger.sources());
  std::copy_n(moves(), size_, larger.moves());
  room_ = larger.room_;
  next_ = std::move(larger.next_);
  sources_ = std::move(larger.sources_);
  moves_ = std::move(larger.moves_);
}

void Successors::push_back(StateView next, StateNumber source, Move move, std::uint8_t flags) {
  make_room(1);
  for (std::size_t w = 0; w < words_; ++w) column(w)[size_] = next[w];
  sources()[size_] = source;
  moves()[size_] = move;
  if (flags != plain_move) flag(size_, flags);
  ++size_;
}

void TransitionSystem::successors_of(std::size_t thread, StateView state, SuccessorSink& sink) {
  struct Pick : SuccessorSink {
    Pick(std::size_t of, SuccessorSink& to) : thread(of), sink(to) {}
    void take(StateView next, Move move, std::uint8_t flags) override {
      if (move.thread == thread) sink.take(next, move, flags);
    }
    std::size_t thread;
    SuccessorSink& sink;
  };
  Pick pick(thread, sink);
  successors(state, pick);
}

std::size_t TransitionSystem::expand(const Word* states, std::size_t count, StateNumber first,
                                     Successors& all) {
  struct Append : SuccessorSink {
    Append(const TransitionSystem& by, Successors& to) : system(by), all(to) {}
    void take(StateView next, Move move, std::uint8_t flags) override {
      all.push_back(next, source, move, system.is_shown(move) ? flags | shown : flags);
      all.take_note_of(move);
    }
    const TransitionSystem& system;
    Successors& all;
    StateNumber source = 0;
  };
  Append sink(*this, all);
  const std::size_t enough = all.room() / 2;
  std::size_t done = 0;
  for (; done < count && (done == 0 || all.size() < enough); ++done) {
    sink.source = first + static_cast<StateNumber>(done);
    successors({states + done * words(), words()}, sink);
    all.close_source();
  }
  return done;
}

} // namespace tdxcheck::explore
