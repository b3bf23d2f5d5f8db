// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/tabled_system.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <fmt/format.h>

#include "explore/fields_read.h"
#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

constexpr Entry never_tabled = list_is_odd; // the odd list number 0, which is none
constexpr Entry nothing = 1;                // the empty list
constexpr std::uint32_t not_built = 0;      // Row::group
constexpr std::size_t longest_plain_list = list_is_odd - 2;
// A run of states is cut where it has about that many successors.
constexpr std::size_t room_for_one = 16;

std::vector<bool> both(std::vector<bool> a, const std::vector<bool>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = a[i] || b[i];
  return a;
}

} // namespace

void TabledSystem::Free::operator()(Entry* entries) const { std::free(entries); }

std::size_t TabledSystem::HashOfList::operator()(const List& list) const {
  return hash_of(list.patches) ^ (list.moves.front().step * std::size_t{31} + list.moves.front().thread);
}

TabledSystem::TabledSystem(InterpretedSystem& system, const InnerLoops& loops)
    : system_(system),
      loops_(loops),
      words_(system.words()),
      evaluation_(system.code(), system.layout()),
      odd_lists_(1),
      shown_(system, 0),
      one_(words_, room_for_one),
      next_(words_),
      next_of_one_(words_),
      zeros_(words_),
      ones_(words_),
      after_zeros_(words_),
      after_ones_(words_),
      no_more_(2 * words_) {
  // The empty list starts somewhere, too.
  for (std::size_t i = 0; i < patches_of_a_block * 2 * words_; ++i) blocks_.push_back(0);
  patch_moves_.resize(patches_of_a_block);
  groups_.push_back({StateKey(system.layout(), {}), {}, nullptr, {}, nullptr});
  for (std::size_t t = 0; t < system.moves().size(); ++t) add_thread(t);
  one_.make_room(most_successors_ + room_for_one);
  point_at_blocks();
}

void TabledSystem::add_thread(std::size_t thread) {
  const ThreadMoves& moves = system_.moves()[thread];
  if (moves.moves.empty()) return;
  std::size_t most = 0;
  for (const auto& at_label : moves.at) most = std::max(most, at_label.size());
  most_successors_ += most;
  const OwnBits& own = system_.layout().own_bits(thread);
  const std::size_t states = std::size_t{1} << own.width;
  Row* const rows = rows_.emplace_back(std::make_unique<Row[]>(states)).get();
  std::fill_n(rows, states, Row{&never_tabled, nullptr, 0, no_more_.data(), not_built});
  threads_.push_back({static_cast<std::uint32_t>(thread), own.word, own.shift, own.mask(), rows});
}

// When a thread is first met in a local state.
void TabledSystem::build_rows(Row& first, std::size_t thread, StateView state) {
  Row* last = nullptr;
  for (Group& group : groups_of(thread, state)) {
    groups_.push_back(std::move(group));
    const Row row = row_of(groups_.back());
    if (last == nullptr) first = row, last = &first;
    else last->next = &more_rows_.emplace_back(row), last = &more_rows_.back();
  }
  if (last == nullptr) first.entries = &nothing;
}

std::vector<TabledSystem::Group> TabledSystem::groups_of(std::size_t thread, StateView state) {
  std::vector<KnownField> known;
  for (const std::size_t field : system_.layout().own_bits(thread).fields)
    known.push_back({field, system_.layout().fields()[field].read(state.data())});
  std::vector<Group> groups;
  std::vector<std::uint16_t> together;
  std::vector<bool> reads(system_.layout().fields().size(), false);
  const auto close = [&] {
    if (!together.empty()) groups.push_back(group_of(thread, together, reads));
    together.clear();
    std::fill(reads.begin(), reads.end(), false);
  };
  for (const std::uint16_t move : system_.moves()[thread].at[system_.label(state, thread).value]) {
    const Residue residue = evaluation_.of(system_.moves()[thread].moves[move].program, known);
    if (!residue.happens) continue;
    if (StateKey(system_.layout(), both(reads, residue.reads)).bits() > bits_together) close();
    together.push_back(move);
    reads = both(reads, residue.reads);
  }
  close();
  return groups;
}

TabledSystem::Group TabledSystem::group_of(std::size_t thread, const std::vector<std::uint16_t>& moves,
                                           const std::vector<bool>& reads) {
  Group group{StateKey(system_.layout(), reads), moves, nullptr, {}, &system_.layout().own_bits(thread)};
  const std::size_t wanted = group.key.bits() <= bits_alone ? std::size_t{1} << group.key.bits() : 0;
  if (wanted == 0 || entries_ + wanted > most_entries) {
    leave_to_bytecode(thread, group);
    return group;
  }
  entries_ += wanted;
  // Pages of a large table that are never looked at are never there.
  group.entries.reset(static_cast<Entry*>(std::calloc(wanted, sizeof(Entry))));
  if (group.entries == nullptr) throw std::bad_alloc();
  return group;
}

// The group must stay where it is.
Row TabledSystem::row_of(Group& group) {
  const bool tabled = group.entries != nullptr;
  for (std::size_t w = 1; w < words_; ++w) {
    group.more.push_back(tabled ? group.key.mask(w) : 0);
    group.more.push_back(tabled ? group.key.shift(w) : 0);
  }
  return {tabled ? group.entries.get() : &never_tabled, nullptr, tabled ? group.key.mask(0) : 0,
          group.more.data(), static_cast<std::uint32_t>(groups_.size() - 1)};
}

void TabledSystem::leave_to_bytecode(std::size_t thread, const Group& group) {
  for (const std::uint16_t m : group.moves) {
    const model::Step& step = system_.step_of({static_cast<std::uint16_t>(thread), m});
    const model::ThreadInstance& who = system_.instance().threads()[thread];
    const model::Thread& of = system_.instance().model().threads[who.thread];
    unsigned& bits = by_bytecode_[fmt::format("{}: {}{}{}", of.name, of.labels[step.from].name,
                                              step.text.empty() ? "" : ": ", step.text)];
    if (group.key.bits() > bits_alone) bits = std::max(bits, group.key.bits());
  }
}

std::vector<std::string> TabledSystem::left_to_bytecode() const {
  std::vector<std::string> all;
  for (const auto& [step, bits] : by_bytecode_)
    all.push_back(step + (bits != 0 ? fmt::format(": reads {} bits, a table takes {}", bits, bits_alone)
                                    : ": the tables are full"));
  return all;
}

void TabledSystem::point_at_blocks() {
  tables_ = {threads_.data(), threads_.size(), words_, blocks_.data(), patch_moves_.data()};
}

void TabledSystem::show(Move move) { shown_[move] = 1; }

// ---- successors

std::size_t TabledSystem::expand(const Word* states, std::size_t count, StateNumber first, Successors& all) {
  return expand_by(tables_, states, count, first, all);
}

std::size_t TabledSystem::expand_by(StepTables& tables, const Word* states, std::size_t count,
                                    StateNumber first, Successors& all) {
  all.make_room(all.size() == 0 ? 2 * most_successors_ : most_successors_);
  all_ = &all;
  const std::size_t before = all.ends().size();
  all.ends().resize(before + count);
  Expansion job{states,
                count,
                first,
                all.column(0),
                all.stride(),
                all.sources(),
                all.moves(),
                all.ends().data() + before,
                all.size(),
                all.room() - most_successors_,
                &TabledSystem::odd,
                this};
  const std::size_t done = loops_.expand[words_ <= InnerLoops::most_words ? words_ : 0](tables, job);
  all.ends().resize(before + done);
  all.set_size(job.size);
  return done;
}

void TabledSystem::successors(StateView state, SuccessorSink& sink) {
  one_.clear();
  (void)expand(state.data(), 1, 0, one_);
  hand_over(sink);
}

void TabledSystem::successors_of(std::size_t thread, StateView state, SuccessorSink& sink) {
  const auto found = std::ranges::find(threads_, thread, &StepTables::Thread::number);
  if (found == threads_.end()) return;
  one_.clear();
  StepTables tables = tables_;
  tables.threads = &*found;
  tables.count = 1;
  (void)expand_by(tables, state.data(), 1, 0, one_);
  hand_over(sink);
}

void TabledSystem::hand_over(SuccessorSink& sink) {
  auto flagged = one_.flagged().begin();
  for (std::size_t i = 0; i < one_.size(); ++i) {
    one_.read(i, next_of_one_.data());
    std::uint8_t flags = plain_move;
    if (flagged != one_.flagged().end() && flagged->at == i) flags = (flagged++)->flags;
    sink.take(next_of_one_, one_.moves()[i], flags);
  }
}

std::size_t TabledSystem::odd(void* by, StepTables& tables, Row& row, std::uint32_t thread, const Word* state,
                              StateNumber number, std::size_t size) {
  auto& self = *static_cast<TabledSystem*>(by);
  self.all_->set_size(size);
  self.odd(row, static_cast<std::uint16_t>(thread), {state, self.words_}, number);
  tables.blocks = self.tables_.blocks;
  tables.moves = self.tables_.moves;
  return self.all_->size();
}

void TabledSystem::odd(Row& row, std::uint16_t thread, StateView state, StateNumber number) {
  if (row.group == not_built) {
    build_rows(row, thread, state);
    if (row.group == not_built) return; // no moves
  }
  Group& group = groups_[row.group];
  if (group.entries == nullptr) return interpret(group, thread, state, number);
  Entry& entry = group.entries.get()[group.key.of(state.data())];
  if (entry == 0) entry = fill(group, thread, state);
  apply(entry, state, number);
}

void TabledSystem::interpret(const Group& group, std::uint16_t thread, StateView state, StateNumber number) {
  system_.load(state);
  for (const std::uint16_t m : group.moves) {
    const Move move{thread, m};
    const Result result = system_.perform(move, state, next_.data());
    if (result.outcome != Outcome::taken) continue;
    all_->push_back(next_, number, move, shown_[move] != 0 ? result.flags | shown : result.flags);
    all_->take_note_of(move);
  }
}

void TabledSystem::apply(Entry entry, StateView state, StateNumber number) {
  const bool is_odd = (entry & list_is_odd) == list_is_odd;
  const std::size_t at = entry >> bits_of_a_length;
  const std::size_t first = is_odd ? odd_lists_[at].patch : at * patches_of_a_block;
  const std::size_t length = is_odd ? odd_lists_[at].flags.size() : (entry & list_is_odd) - 1;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t patch = first + i, in_block = patch % patches_of_a_block;
    const Word* const block = blocks_.data() + (patch - in_block) * 2 * words_;
    for (std::size_t w = 0; w < words_; ++w) {
      const Word* const of_word = block + w * 2 * patches_of_a_block + in_block;
      next_[w] = (state[w] & of_word[0]) | of_word[patches_of_a_block];
    }
    all_->push_back(next_, number, patch_moves_[patch], is_odd ? odd_lists_[at].flags[i] : std::uint8_t{0});
  }
}

// ---- filling in

void TabledSystem::run_move(Move move, const std::vector<Word>& state, std::vector<Word>& next,
                            Result& result) {
  system_.load(state);
  result = system_.perform(move, state, next.data());
}

Entry TabledSystem::fill(const Group& group, std::uint16_t thread, StateView state) {
  for (std::size_t w = 0; w < words_; ++w) {
    const OwnBits& own = *group.own;
    const Word mask = group.key.mask(w) | (own.word == w ? own.mask() << own.shift : 0);
    zeros_[w] = state[w] & mask;
    ones_[w] = state[w] | ~mask;
  }
  List list;
  for (const std::uint16_t m : group.moves) {
    const Move move{thread, m};
    Result zeros, ones;
    run_move(move, zeros_, after_zeros_, zeros);
    run_move(move, ones_, after_ones_, ones);
    support::ensures_internal(zeros.outcome == ones.outcome && zeros.flags == ones.flags,
                              "a move depends on what it reads alone");
    if (zeros.outcome != Outcome::taken) continue;
    all_->take_note_of(move);
    list.moves.push_back(move);
    list.flags.push_back(shown_[move] != 0 ? zeros.flags | shown : zeros.flags);
    for (std::size_t w = 0; w < words_; ++w) {
      list.patches.push_back(after_ones_[w] & ~after_zeros_[w]);
      list.patches.push_back(after_ones_[w] & after_zeros_[w]);
    }
  }
  return list.moves.empty() ? nothing : remember(list);
}

// Equal lists are one.
Entry TabledSystem::remember(const List& list) {
  auto [known, is_new] = lists_.try_emplace(list, Entry{0});
  if (!is_new) return known->second;
  const std::size_t patch = patch_moves_.size(), length = list.moves.size();
  const std::size_t blocks = (length + patches_of_a_block - 1) / patches_of_a_block;
  patch_moves_.insert(patch_moves_.end(), list.moves.begin(), list.moves.end());
  patch_moves_.resize(patch + blocks * patches_of_a_block);
  const std::size_t begin = blocks_.size();
  for (std::size_t i = 0; i < blocks * patches_of_a_block * 2 * words_; ++i) blocks_.push_back(0);
  for (std::size_t i = 0; i < length; ++i) {
    Word* const block = blocks_.data() + begin + i / patches_of_a_block * patches_of_a_block * 2 * words_;
    for (std::size_t w = 0; w < words_; ++w) {
      Word* const of_word = block + w * 2 * patches_of_a_block + i % patches_of_a_block;
      of_word[0] = list.patches[(i * words_ + w) * 2];
      of_word[patches_of_a_block] = list.patches[(i * words_ + w) * 2 + 1];
    }
  }
  point_at_blocks();
  const bool plain = std::ranges::all_of(list.flags, [](std::uint8_t flags) { return flags == plain_move; });
  std::size_t at = patch / patches_of_a_block, kind = length + 1;
  if (!plain || length > longest_plain_list) {
    at = odd_lists_.size();
    kind = list_is_odd;
    odd_lists_.push_back({patch, list.flags});
  }
  known->second = static_cast<Entry>(at << bits_of_a_length | kind);
  support::ensures_internal(known->second >> bits_of_a_length == at,
                            "there are fewer than 2^26 lists of patches");
  return known->second;
}

} // namespace tdxcheck::explore
