// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/search_worker.h"

#include <algorithm>
#include <cstring>

namespace tdxcheck::explore {
namespace {

constexpr std::size_t room_of_a_batch = 512; // successors that are gathered before the table is probed
constexpr std::size_t sources_at_a_time = 8;
constexpr StateNumber sources_taken = 1024; // from the level, at a time
constexpr std::uint64_t batches_between_checks = 8;
constexpr std::size_t many_edges = std::size_t{1} << 16;

} // namespace

SearchWorker::SearchWorker(TransitionSystem& system, SearchObserver& observer, bool with_rows)
    : system_(system),
      observer_(observer),
      with_rows_(with_rows),
      words_(system.words()),
      specialised_(words_ <= InnerLoops::most_words ? words_ : 0),
      loops_(inner_loops()),
      successors_(words_, room_of_a_batch) {}

void SearchWorker::Edges::clear() {
  runs.clear();
  ends.clear();
  targets.clear();
  moves.clear();
}

std::uint64_t SearchWorker::bytes() const {
  return edges.ends.capacity() * sizeof(std::uint32_t) + edges.targets.capacity() * sizeof(StateNumber) +
         edges.moves.capacity() * sizeof(Move);
}

void SearchWorker::work(Level& level, const std::function<bool()>& must_stop) {
  for (;;) {
    if (++batches_ % batches_between_checks == 0 && must_stop()) level.pause = true;
    if (at_ == successors_.size() && !next_batch(level)) return;
    if (!insert(level)) return;
    settle(level);
    successors_.clear();
    at_ = 0;
    if (!level.shared && edges.targets.size() >= many_edges) return;
  }
}

// The initial states are in the batch, or those of them that there was room for.
void SearchWorker::insert_initial(Level& level) {
  sources_ = 0;
  if (!insert(level)) return;
  settle(level);
  successors_.clear();
  at_ = 0;
}

bool SearchWorker::next_batch(Level& level) {
  if (level.pause.load(std::memory_order_relaxed)) return false;
  if (mine_ == mine_end_) {
    // One worker alone takes all.
    if (!level.shared) {
      mine_ = level.next.load();
      mine_end_ = level.end;
      level.next = level.end;
    } else {
      mine_ = std::min(level.next.fetch_add(sources_taken), level.end);
      mine_end_ = std::min(mine_ + sources_taken, level.end);
    }
    if (mine_ == mine_end_) return false;
  }
  expand(level);
  const auto& ends = successors_.ends();
  for (std::size_t i = 0; i < sources_; ++i)
    if (ends[i] == (i == 0 ? 0 : ends[i - 1]))
      observer_.stopped(level.graph, first_ + static_cast<StateNumber>(i));
  const auto is_error = [](const Successors::Flagged& one) { return (one.flags & range_left) != 0; };
  if (std::ranges::any_of(successors_.flagged(), is_error)) take_errors_out(level);
  return true;
}

// A few at a time: the lines of the table that their successors need are on the way while the next few are
// expanded, which hides most of what the one or the other takes.
void SearchWorker::expand(Level& level) {
  first_ = mine_;
  sources_ = prepared_ = probed_ = 0;
  if (recent_.empty() && !with_rows_) forget_recent(level);
  const std::size_t wanted = std::min<std::size_t>(mine_end_ - mine_, sources_of_a_batch);
  while (sources_ < wanted && successors_.size() < room_of_a_batch) {
    sources_ += system_.expand(level.graph.pool.data() + std::size_t{mine_} * words_,
                               std::min(wanted - sources_, sources_at_a_time), mine_, successors_);
    mine_ = first_ + static_cast<StateNumber>(sources_);
    prepare(level, recent_.empty() ? nullptr : recent_.data());
  }
}

// As if the first state of all had been met last, everywhere.
void SearchWorker::forget_recent(const Level& level) {
  recent_.resize(recent_states * words_);
  for (std::size_t i = 0; i < recent_states; ++i)
    std::copy_n(level.graph.pool.data(), words_, recent_.data() + i * words_);
}

Batch SearchWorker::batch(const Level& level) const {
  return {level.seen.slots(), &level.seen.mixing(), successors_.column(0), successors_.stride(), words_};
}

void SearchWorker::prepare(Level& level, Word* recent) {
  const std::size_t count = successors_.size();
  if (probes_.size() < count + room_beyond_probes)
    probes_.resize(std::max(successors_.room(), count) + room_beyond_probes);
  Preparation job{};
  static_cast<Batch&>(job) = batch(level);
  job.at = std::exchange(prepared_, count);
  job.end = count;
  job.recent = recent;
  job.probes = probes_.data();
  job.count = probed_;
  loops_.prepare[static_cast<std::size_t>(level.seen.kind())][specialised_](job);
  probed_ = job.count;
}

// What they lead to means nothing. The least of them is the one to be told of, whoever found it first.
void SearchWorker::take_errors_out(const Level& level) {
  Successors rest(words_, successors_.room());
  auto flagged = successors_.flagged().begin();
  const auto less = [&](const ErroneousMove& a, const ErroneousMove& b) {
    const StateView x = level.graph.state(a.from), y = level.graph.state(b.from);
    if (!std::ranges::equal(x, y)) return std::ranges::lexicographical_compare(x, y);
    return std::pair(a.move.thread, a.move.step) < std::pair(b.move.thread, b.move.step);
  };
  std::vector<Word> state(words_);
  std::size_t source = 0;
  for (std::size_t i = 0; i < successors_.size(); ++i) {
    for (; source < sources_ && successors_.ends()[source] <= i; ++source) rest.close_source();
    std::uint8_t flags = plain_move;
    if (flagged != successors_.flagged().end() && flagged->at == i) flags = (flagged++)->flags;
    const Move move = successors_.moves()[i];
    if ((flags & range_left) != 0) {
      const ErroneousMove error{successors_.sources()[i], move};
      if (!model_error || less(error, *model_error)) model_error = error;
    } else {
      successors_.read(i, state.data());
      rest.push_back(state, successors_.sources()[i], move, flags);
    }
  }
  for (; source < sources_; ++source) rest.close_source();
  for (const Move move : successors_.noted()) rest.take_note_of(move);
  successors_ = std::move(rest);
  prepared_ = probed_ = 0;
  if (!recent_.empty()) forget_recent(level); // what they lead to was not inserted
}

// False: there is no room for all of it. What is left is inserted the next time.
bool SearchWorker::insert(Level& level) {
  const std::size_t count = successors_.size();
  // The rest of these is among the recent ones, too: none of it may be left out.
  if (prepared_ < count) {
    prepared_ = at_;
    probed_ = 0;
    prepare(level, nullptr);
  }
  prepared_ = 0; // if not all is inserted, then because the table is going to change
  if (with_rows_ && numbers_.size() < count) numbers_.resize(successors_.room());
  const auto kind = static_cast<std::size_t>(level.seen.kind());
  Insertion job{};
  static_cast<Batch&>(job) = batch(level);
  job.sources = successors_.sources();
  job.probes = probes_.data();
  job.end = probed_;
  job.pool = level.graph.pool.data();
  job.parents = level.graph.parent.data();
  job.numbers = with_rows_ ? numbers_.data() : nullptr;
  if (!with_rows_) loops_.sift[kind](job);
  while (job.at < job.end) {
    if (share_.next == share_.last && !take_share(level)) break;
    job.next = share_.next;
    job.last = share_.last;
    loops_.insert[level.shared ? 1 : 0][kind][specialised_](job);
    share_.next = job.next;
    if (job.at < job.end && job.next < job.last) {
      level.crowded = true;
      level.pause = true;
      break;
    }
  }
  at_ = job.at == job.end ? count : probes_[job.at].successor;
  return at_ == count;
}

bool SearchWorker::take_share(Level& level) {
  StateNumber begin = level.given.load(), wanted = 0;
  do {
    wanted = level.shared ? share : level.most - begin;
    if (wanted == 0 || level.most - begin < wanted) {
      level.pause = true;
      return false;
    }
  } while (!level.given.compare_exchange_weak(begin, begin + wanted));
  share_ = {begin, begin + wanted};
  return true;
}

void SearchWorker::settle(Level& level) {
  if (sources_ != 0) transitions += successors_.size();
  if (with_rows_ && sources_ != 0) keep_edges();
  for (const Move move : successors_.noted()) note(move);
  for (const Successors::Flagged& one : successors_.flagged())
    observer_.flagged(level.graph, successors_.sources()[one.at], successors_.moves()[one.at], one.flags);
}

void SearchWorker::keep_edges() {
  edges.runs.push_back({first_, sources_, edges.ends.size(), edges.targets.size()});
  edges.ends.insert(edges.ends.end(), successors_.ends().begin(), successors_.ends().end());
  edges.targets.insert(edges.targets.end(), numbers_.begin(),
                       numbers_.begin() + static_cast<std::ptrdiff_t>(successors_.size()));
  edges.moves.insert(edges.moves.end(), successors_.moves(), successors_.moves() + successors_.size());
}

void SearchWorker::note(Move move) {
  if (noted_.size() <= move.thread) noted_.resize(move.thread + std::size_t{1});
  std::vector<bool>& of_thread = noted_[move.thread];
  if (of_thread.size() <= move.step) of_thread.resize(move.step + std::size_t{1});
  if (of_thread[move.step]) return;
  of_thread[move.step] = true;
  observer_.taken(move);
}

} // namespace tdxcheck::explore
