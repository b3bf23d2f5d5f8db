// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/reduced_system.h"

namespace tdxcheck::explore {

void ReducedSystem::take(StateView next, Move move, std::uint8_t flags) {
  all_.push_back({move, flags});
  words_of_all_.insert(words_of_all_.end(), next.begin(), next.end());
}

void ReducedSystem::begin() {
  all_.clear();
  words_of_all_.clear();
}

// What is explored of the state: all, or the moves of the first thread that may be alone and has any.
void ReducedSystem::expand_one(StateView state) {
  begin();
  for (std::uint64_t others = everyone; others != 0;) {
    const auto thread = sets_->alone(state, others);
    if (!thread) break;
    system_.successors_of(*thread, state, *this);
    if (!all_.empty()) return;
    others &= ~(std::uint64_t{1} << *thread);
  }
  system_.successors(state, *this);
}

bool ReducedSystem::pass(std::vector<Word>& state, Move& last) {
  const auto thread = sets_->passing(state);
  if (!thread) return false;
  begin();
  system_.successors_of(*thread, state, *this);
  if (all_.size() != 1 || all_.front().flags != plain_move) return false;
  const StateView next = successor(0);
  state.assign(next.begin(), next.end());
  last = all_.front().move;
  return true;
}

void ReducedSystem::successors(StateView state, SuccessorSink& sink) {
  expand_one(state);
  std::swap(kept_, all_);
  std::swap(words_of_kept_, words_of_all_);
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const Word* next = words_of_kept_.data() + i * words();
    end_of_chain_.assign(next, next + words());
    if (Move inside; with_chains_ && (kept_[i].flags & range_left) == 0)
      while (pass(end_of_chain_, inside)) passed_[inside] = 1;
    sink.take(end_of_chain_, kept_[i].move, kept_[i].flags);
  }
}

std::vector<Move> ReducedSystem::way(StateView from, const std::function<bool(StateView)>& is_it) {
  expand_one(from);
  const std::vector<Successor> firsts = all_;
  const std::vector<Word> words_of_firsts = words_of_all_;
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    if ((firsts[i].flags & range_left) != 0) continue;
    const Word* next = words_of_firsts.data() + i * words();
    std::vector<Word> state(next, next + words());
    std::vector<Move> moves{firsts[i].move};
    if (Move inside; with_chains_)
      while (pass(state, inside)) moves.push_back(inside);
    if (is_it(state)) return moves;
  }
  return {};
}

std::uint64_t ReducedSystem::passing_from(StateView state) {
  std::uint64_t threads = 0;
  if (!with_chains_) return threads;
  expand_one(state);
  std::swap(kept_, all_);
  std::swap(words_of_kept_, words_of_all_);
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if ((kept_[i].flags & range_left) != 0) continue;
    const Word* next = words_of_kept_.data() + i * words();
    end_of_chain_.assign(next, next + words());
    for (Move inside; pass(end_of_chain_, inside);) threads |= std::uint64_t{1} << inside.thread;
  }
  return threads;
}

} // namespace tdxcheck::explore
