// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/reduced_system.h"

#include <algorithm>
#include <bit>

namespace tdxcheck::explore {

void ReducedSystem::take(StateView next, Move move, std::uint8_t flags) {
  all_.push_back({move, flags});
  words_of_all_.insert(words_of_all_.end(), next.begin(), next.end());
  enabled_ |= std::uint64_t{1} << move.thread;
}

void ReducedSystem::expand_one(StateView state) {
  all_.clear();
  words_of_all_.clear();
  enabled_ = 0;
  system_.successors(state, *this);
}

bool ReducedSystem::pass(std::vector<Word>& state, Move& last) {
  const auto thread = sets_->passing(state);
  if (!thread) return false;
  expand_one(state);
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].move.thread != *thread) continue;
    if (only || all_[i].flags != plain_move) return false;
    only = i;
  }
  if (!only) return false;
  const StateView next = successor(*only);
  state.assign(next.begin(), next.end());
  last = all_[*only].move;
  return true;
}

// Of the state that was expanded.
std::size_t ReducedSystem::chosen_in(StateView state) const {
  if (std::has_single_bit(enabled_)) return everyone;
  return sets_->alone(state, enabled_).value_or(everyone);
}

void ReducedSystem::successors(StateView state, SuccessorSink& sink) {
  if (!with_chains_ && !sets_->alone(state, ~std::uint64_t{0})) return system_.successors(state, sink);
  expand_one(state);
  const std::size_t alone = chosen_in(state);
  if (!with_chains_) {
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (alone == everyone || all_[i].move.thread == alone)
        sink.take(successor(i), all_[i].move, all_[i].flags);
    return;
  }
  std::swap(kept_, all_);
  std::swap(words_of_kept_, words_of_all_);
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if (alone != everyone && kept_[i].move.thread != alone) continue;
    const Word* next = words_of_kept_.data() + i * words();
    end_of_chain_.assign(next, next + words());
    if (Move inside; (kept_[i].flags & range_left) == 0)
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
  const std::size_t alone = chosen_in(state);
  std::swap(kept_, all_);
  std::swap(words_of_kept_, words_of_all_);
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if ((alone != everyone && kept_[i].move.thread != alone) || (kept_[i].flags & range_left) != 0) continue;
    const Word* next = words_of_kept_.data() + i * words();
    end_of_chain_.assign(next, next + words());
    for (Move inside; pass(end_of_chain_, inside);) threads |= std::uint64_t{1} << inside.thread;
  }
  return threads;
}

} // namespace tdxcheck::explore
