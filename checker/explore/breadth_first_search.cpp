// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/breadth_first_search.h"

#include <algorithm>

#include "explore/seen_set.h"
#include "support/stopwatch.h"

namespace tdxcheck::explore {
namespace {

constexpr std::size_t batch = 256; // successors that are gathered before the table is probed
// Per state, what components.h and find_stuck_threads.h will need once the rows are complete, most of it on
// stacks.
constexpr std::uint64_t bytes_for_components = 28;
constexpr double seconds_between_reports = 0.25;

// A search inside a sink cannot return early.
struct Halt {
  Stop why;
};

struct Successor {
  Move move;
  std::uint8_t flags;
  StateNumber from;
  Word hash;
};

class Searcher : private SuccessorSink {
public:
  Searcher(TransitionSystem& system, SearchObserver& observer, const Limits& limits, bool with_rows)
      : system_(system), observer_(observer), limits_(limits), with_rows_(with_rows), seen_(system.words()) {
    result_.graph.words = system.words();
  }

  Search search() {
    try {
      start();
      while (begin_level()) expand_level();
    } catch (const Halt& halt) {
      result_.stop = halt.why;
    }
    finish();
    return std::move(result_);
  }

private:
  void take(StateView next, Move move, std::uint8_t flags) override;
  void start();
  bool begin_level();
  void expand_level();
  void drain();
  void settle(const Successor& successor, StateView state);
  StateNumber number_of(StateView state, Word hash, StateNumber parent);
  void open_rows_up_to(StateNumber state);
  void make_room();
  void check_limits();
  void report(double seconds) const;
  void finish();
  [[nodiscard]] std::uint64_t bytes() const;
  template <class T>
  void reserve(support::GrowingArray<T>& array, std::size_t more);

  TransitionSystem& system_;
  SearchObserver& observer_;
  const Limits& limits_;
  bool with_rows_;
  SeenSet seen_;
  Search result_;
  std::vector<Successor> pending_;
  std::vector<Word> pending_words_;
  StateNumber source_ = no_state; // of what the system hands over now
  StateNumber next_ = 0;          // the next state to expand
  support::Stopwatch watch_;
  double reported_ = 0;
  unsigned batches_ = 0;
};

void Searcher::take(StateView next, Move move, std::uint8_t flags) {
  const Word hash = hash_of(next);
  seen_.prefetch(hash);
  pending_.push_back({move, flags, source_, hash});
  for (const Word word : next) pending_words_.push_back(word);
  // There may be many initial states, but no state has many successors.
  if (source_ == no_state && pending_.size() >= batch) drain();
}

void Searcher::start() {
  result_.graph.level.push_back(0);
  system_.initial(*this);
  drain();
  result_.graph.level.push_back(result_.graph.states());
}

bool Searcher::begin_level() {
  if (next_ == result_.graph.states()) return false;
  if (next_ != 0) result_.graph.level.push_back(result_.graph.states());
  return true;
}

// All states of the level are there; what is found meanwhile belongs to the next.
void Searcher::expand_level() {
  const StateNumber end = result_.graph.states();
  while (next_ < end) {
    while (next_ < end && pending_.size() < batch) {
      source_ = next_++;
      const StateView view = result_.graph.state(source_);
      const std::size_t before = pending_.size();
      system_.successors(view, *this);
      if (pending_.size() == before) observer_.stopped(result_.graph, source_);
    }
    drain();
  }
}

void Searcher::drain() {
  check_limits();
  if (observer_.enough()) throw Halt{Stop::enough};
  const std::size_t words = system_.words();
  constexpr std::size_t ahead = 8;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (i + ahead < pending_.size()) seen_.prefetch_state(pending_[i + ahead].hash, result_.graph.pool);
    settle(pending_[i], StateView{pending_words_.data() + i * words, words});
    if (observer_.enough()) throw Halt{Stop::enough};
  }
  pending_.clear();
  pending_words_.clear();
  if (with_rows_) open_rows_up_to(next_);
}

void Searcher::settle(const Successor& successor, StateView state) {
  if ((successor.flags & range_left) != 0) {
    result_.model_error = ErroneousMove{successor.from, successor.move};
    throw Halt{Stop::model_error};
  }
  const StateNumber to = number_of(state, successor.hash, successor.from);
  if (successor.from == no_state) return;
  ++result_.graph.transitions;
  if (with_rows_) {
    open_rows_up_to(successor.from + 1);
    reserve(result_.graph.target, 1);
    result_.graph.move.reserve_with([&](auto& plane) { reserve(plane, 1); });
    result_.graph.target.push_back(to);
    result_.graph.move.push_back(successor.move);
  }
  observer_.transition(result_.graph, successor.from, successor.move, successor.flags, to);
}

StateNumber Searcher::number_of(StateView state, Word hash, StateNumber parent) {
  if (seen_.must_grow()) make_room();
  ReachedGraph& graph = result_.graph;
  reserve(graph.pool, graph.words);
  reserve(graph.parent, 1);
  if (graph.states() >= no_state - 1) throw Halt{Stop::too_many_states};
  const SeenSet::Found found = seen_.insert(state, hash, graph.pool);
  if (found.is_new) {
    graph.parent.push_back(parent);
    observer_.found(graph, found.number);
  }
  return found.number;
}

// rows[s] is where the edges of s start; written for every s below `end`.
void Searcher::open_rows_up_to(StateNumber end) {
  RowColumn& rows = result_.graph.rows;
  while (rows.size() < end) {
    rows.reserve_with([&](auto& column) { reserve(column, 1); });
    rows.push_back(result_.graph.target.size());
  }
}

// ---- limits

std::uint64_t Searcher::bytes() const {
  const ReachedGraph& graph = result_.graph;
  const std::uint64_t afterwards = with_rows_ ? graph.parent.capacity() * bytes_for_components : 0;
  return afterwards + seen_.bytes() + graph.bytes();
}

// Grows by a quarter where there is no room left.
template <class T>
void Searcher::reserve(support::GrowingArray<T>& array, std::size_t more) {
  if (array.size() + more <= array.capacity()) return;
  const std::size_t growth = std::max<std::size_t>(array.capacity() / 4, 1024) + more;
  if (limits_.memory_bytes && bytes() + growth * sizeof(T) > *limits_.memory_bytes)
    throw Halt{Stop::out_of_memory};
  array.reserve(array.capacity() + growth);
}

void Searcher::make_room() {
  if (limits_.memory_bytes && bytes() + seen_.bytes() > *limits_.memory_bytes)
    throw Halt{Stop::out_of_memory};
  seen_.grow(result_.graph.pool);
}

void Searcher::check_limits() {
  if (limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed)) {
    throw Halt{Stop::interrupted};
  }
  if (++batches_ % 8 != 0 && !(limits_.seconds && *limits_.seconds <= 0)) return;
  const double seconds = watch_.seconds();
  if (limits_.seconds && seconds >= *limits_.seconds) throw Halt{Stop::out_of_time};
  if (limits_.progress && seconds - reported_ >= seconds_between_reports) {
    reported_ = seconds;
    report(seconds);
  }
}

void Searcher::report(double seconds) const {
  const ReachedGraph& graph = result_.graph;
  limits_.progress({graph.states(), graph.transitions, graph.states() - std::uint64_t{next_}, graph.depth(),
                    bytes(), seconds});
}

void Searcher::finish() {
  ReachedGraph& graph = result_.graph;
  if (graph.level.size() < 2 || graph.level.back() != graph.states()) graph.level.push_back(graph.states());
  if (!with_rows_) return;
  while (graph.rows.size() <= graph.states()) graph.rows.push_back(graph.target.size());
}

} // namespace

std::string because(Stop stop) {
  switch (stop) {
  case Stop::complete: return {};
  case Stop::enough: return "stopped at the first violation";
  case Stop::model_error: return "a model error";
  case Stop::out_of_time: return "the time budget ran out";
  case Stop::out_of_memory: return "the memory budget ran out";
  case Stop::too_many_states: return "more than 4,294,967,294 states";
  case Stop::interrupted: return "interrupted";
  }
  return {};
}

Search breadth_first_search(TransitionSystem& system, SearchObserver& observer, const Limits& limits,
                            bool with_rows) {
  return Searcher(system, observer, limits, with_rows).search();
}

} // namespace tdxcheck::explore
