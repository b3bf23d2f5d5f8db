// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/tabled_system.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "explore/fields_read.h"
#include "explore/seen_set.h"
#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr unsigned bits_of_flags = 8;

Word header_of(std::uint16_t move, std::uint8_t flags) { return Word{move} << bits_of_flags | flags; }
std::uint16_t move_of(Word header) { return static_cast<std::uint16_t>(header >> bits_of_flags); }
std::uint8_t flags_of(Word header) { return static_cast<std::uint8_t>(header); }

std::vector<bool> both(std::vector<bool> a, const std::vector<bool>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = a[i] || b[i];
  return a;
}

} // namespace

void TabledSystem::Free::operator()(Entry* entries) const { std::free(entries); }

TabledSystem::TabledSystem(InterpretedSystem& system)
    : system_(system),
      words_(system.words()),
      patches_{0, 0}, // entry 0 is unknown; entry 1 is the empty list
      next_(words_),
      zeros_(words_),
      ones_(words_),
      after_zeros_(words_),
      after_ones_(words_) {
  for (std::size_t t = 0; t < system.moves().size(); ++t) {
    Thread& thread = threads_.emplace_back(Thread{system.layout().label(t), {}});
    for (const auto& moves : system.moves()[t].at) add_groups(t, moves, thread.at.emplace_back());
  }
}

void TabledSystem::add_groups(std::size_t thread, const std::vector<std::uint16_t>& moves,
                              std::vector<Group>& groups) {
  const auto reads_of = [&](std::uint16_t move) {
    return fields_read(system_.code(), system_.moves()[thread].moves[move].program,
                       system_.layout().fields().size());
  };
  std::vector<std::uint16_t> together;
  std::vector<bool> reads(system_.layout().fields().size(), false);
  const auto close = [&] {
    if (!together.empty()) groups.push_back(group_of(together, reads));
    together.clear();
    std::fill(reads.begin(), reads.end(), false);
  };
  for (const std::uint16_t move : moves) {
    const std::vector<bool> own = reads_of(move);
    if (StateKey(system_.layout(), both(reads, own)).bits() > bits_together) close();
    together.push_back(move);
    reads = both(reads, own);
  }
  close();
}

TabledSystem::Group TabledSystem::group_of(const std::vector<std::uint16_t>& moves,
                                           const std::vector<bool>& reads) {
  Group group{StateKey(system_.layout(), reads), moves, nullptr};
  moves_ += moves.size();
  const std::size_t wanted = group.key.bits() <= bits_alone ? std::size_t{1} << group.key.bits() : 0;
  if (wanted == 0 || entries_ + wanted > most_entries) {
    interpreted_moves_ += moves.size();
    return group;
  }
  entries_ += wanted;
  // Pages of a large table that are never looked at are never there.
  group.entries.reset(static_cast<Entry*>(std::calloc(wanted, sizeof(Entry))));
  if (group.entries == nullptr) throw std::bad_alloc();
  return group;
}

void TabledSystem::successors(StateView state, SuccessorSink& sink) {
  switch (words_) {
  case 1: return successors_by_words<1>(state, sink);
  case 2: return successors_by_words<2>(state, sink);
  case 3: return successors_by_words<3>(state, sink);
  case 4: return successors_by_words<4>(state, sink);
  default: return successors_by_words<0>(state, sink);
  }
}

// Words: their number where it is known at compile time, else 0.
template <std::size_t Words>
void TabledSystem::successors_by_words(StateView state, SuccessorSink& sink) {
  const std::size_t words = Words != 0 ? Words : words_;
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    const Thread& thread = threads_[t];
    for (const Group& group : thread.at[static_cast<std::size_t>(thread.label.read(state.data()))]) {
      const auto number = static_cast<std::uint16_t>(t);
      if (group.entries == nullptr) {
        interpret(group, number, state, sink);
        continue;
      }
      Entry& entry = group.entries.get()[group.key.of(state.data())];
      if (entry == unknown) entry = fill(group, number, state);
      const Word* at = patches_.data() + entry;
      for (Word left = *at++; left > 0; --left) {
        const Word header = *at++;
        for (std::size_t w = 0; w < words; ++w, at += 2) next_[w] = (state[w] & at[0]) | at[1];
        sink.take({next_.data(), words}, {number, move_of(header)}, flags_of(header));
      }
    }
  }
}

void TabledSystem::interpret(const Group& group, std::uint16_t thread, StateView state, SuccessorSink& sink) {
  system_.load(state);
  for (const std::uint16_t move : group.moves) {
    const Result result = system_.perform({thread, move}, state, next_.data());
    if (result.outcome == Outcome::taken) sink.take(next_, {thread, move}, result.flags);
  }
}

void TabledSystem::run_move(Move move, const std::vector<Word>& state, std::vector<Word>& next,
                            Result& result) {
  system_.load(state);
  result = system_.perform(move, state, next.data());
}

TabledSystem::Entry TabledSystem::fill(const Group& group, std::uint16_t thread, StateView state) {
  for (std::size_t w = 0; w < words_; ++w) {
    const Word mask = group.key.mask(w);
    zeros_[w] = state[w] & mask;
    ones_[w] = state[w] | ~mask;
  }
  std::vector<Word> list{0};
  for (const std::uint16_t move : group.moves) {
    Result zeros, ones;
    run_move({thread, move}, zeros_, after_zeros_, zeros);
    run_move({thread, move}, ones_, after_ones_, ones);
    support::ensures_internal(zeros.outcome == ones.outcome && zeros.flags == ones.flags,
                              "a move depends on what it reads alone");
    if (zeros.outcome != Outcome::taken) continue;
    ++list.front();
    list.push_back(header_of(move, zeros.flags));
    for (std::size_t w = 0; w < words_; ++w) {
      list.push_back(after_ones_[w] & ~after_zeros_[w]);
      list.push_back(after_ones_[w] & after_zeros_[w]);
    }
  }
  if (list.front() == 0) return 1;
  const Word hash = hash_of(list);
  for (auto [at, end] = lists_.equal_range(hash); at != end; ++at)
    if (std::equal(list.begin(), list.end(), patches_.begin() + at->second)) return at->second;
  const auto entry = static_cast<Entry>(patches_.size());
  support::ensures_internal(entry == patches_.size(), "lists of patches are fewer than 2^32 words");
  patches_.insert(patches_.end(), list.begin(), list.end());
  lists_.emplace(hash, entry);
  return entry;
}

} // namespace tdxcheck::explore
