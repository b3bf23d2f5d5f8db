// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/breadth_first_search.h"

#include <algorithm>
#include <cstring>

#include "explore/inner_loops.h"
#include "explore/seen_set.h"
#include "explore/successors.h"
#include "support/stopwatch.h"

namespace tdxcheck::explore {
namespace {

// Successors that are gathered before the table is probed, and the states that they come from.
constexpr std::size_t room_of_a_batch = 512;
constexpr std::size_t sources_of_a_batch = 64;
// Per state, what components.h and find_stuck_threads.h will need once the rows are complete, most of it on
// stacks.
constexpr std::uint64_t bytes_for_components = 28;
constexpr double seconds_between_reports = 0.25;

// A search inside a sink cannot return early.
struct Halt {
  Stop why;
};

class Searcher : private SuccessorSink {
public:
  Searcher(TransitionSystem& system, SearchObserver& observer, const Limits& limits, bool with_rows)
      : system_(system),
        observer_(observer),
        limits_(limits),
        with_rows_(with_rows),
        words_(system.words()),
        seen_(words_, system.bits(), with_rows),
        batch_(words_, room_of_a_batch) {
    result_.graph.words = words_;
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
  void settle(StateNumber first, std::size_t sources);
  void insert(std::size_t count);
  void keep_rows(std::size_t count);
  void note(Move move);
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
  std::size_t words_;
  SeenSet seen_;
  Search result_;
  Successors batch_;
  std::vector<Probe> probes_;
  std::vector<StateNumber> numbers_;
  std::vector<std::vector<bool>> noted_; // by thread, by step
  StateNumber next_ = 0;                 // the next state to expand
  support::Stopwatch watch_;
  double reported_ = 0;
  unsigned batches_ = 0;
};

// There may be many initial states.
void Searcher::take(StateView next, Move move, std::uint8_t flags) {
  batch_.push_back(next, no_state, move, flags);
  if (batch_.size() < room_of_a_batch) return;
  settle(0, 0);
  batch_.clear();
}

void Searcher::start() {
  result_.graph.level.push_back(0);
  system_.initial(*this);
  settle(0, 0);
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
    batch_.clear();
    const std::size_t sources =
        system_.expand(result_.graph.pool.data() + std::size_t{next_} * words_,
                       std::min<std::size_t>(end - next_, sources_of_a_batch), next_, batch_);
    const StateNumber first = next_;
    next_ += static_cast<StateNumber>(sources);
    settle(first, sources);
  }
}

// What was gathered in batch_ from `sources` states.
void Searcher::settle(StateNumber first, std::size_t sources) {
  check_limits();
  std::size_t count = batch_.size();
  const auto& flagged = batch_.flagged();
  const auto error =
      std::ranges::find_if(flagged, [](const auto& one) { return (one.flags & range_left) != 0; });
  if (error != flagged.end()) count = error->at;

  const StateNumber found = result_.graph.states();
  insert(count);
  if (sources != 0) result_.graph.transitions += count;
  if (with_rows_ && sources != 0 && error == flagged.end()) keep_rows(count);
  for (const Move move : batch_.noted()) note(move);
  for (auto one = flagged.begin(); one != error; ++one)
    observer_.flagged(result_.graph, batch_.sources()[one->at], batch_.moves()[one->at], one->flags);
  if (result_.graph.states() != found) observer_.found(result_.graph, found, result_.graph.states());
  for (std::size_t i = 0; i < sources; ++i)
    if (batch_.ends()[i] == (i == 0 ? 0 : batch_.ends()[i - 1]))
      observer_.stopped(result_.graph, first + static_cast<StateNumber>(i));
  if (error != flagged.end()) {
    result_.model_error = ErroneousMove{batch_.sources()[error->at], batch_.moves()[error->at]};
    throw Halt{Stop::model_error};
  }
  if (observer_.enough()) throw Halt{Stop::enough};
}

// The first `count` of the batch.
void Searcher::insert(std::size_t count) {
  ReachedGraph& graph = result_.graph;
  reserve(graph.pool, (count + 1) * words_);
  reserve(graph.parent, count + 1);
  if (graph.parent.size() + count >= no_state) throw Halt{Stop::too_many_states};
  if (probes_.size() < count) probes_.resize(batch_.room());
  if (with_rows_ && numbers_.size() < count) numbers_.resize(batch_.room());
  const InnerLoops& loops = inner_loops();
  const auto kind = static_cast<std::size_t>(seen_.kind());
  const std::size_t specialised = words_ <= InnerLoops::most_words ? words_ : 0;
  Insertion job{};
  job.columns = batch_.column(0);
  job.stride = batch_.stride();
  job.words = words_;
  job.sources = batch_.sources();
  job.probes = probes_.data();
  job.end = count;
  job.pool = graph.pool.data();
  job.parents = graph.parent.data();
  job.next = graph.states();
  job.last = no_state;
  job.numbers = with_rows_ ? numbers_.data() : nullptr;
  while (job.at < count) {
    // Where a state finds no slot although the table is not full, a larger table has one.
    if (job.at != 0 || seen_.must_grow(job.next, count)) make_room();
    job.slots = seen_.slots();
    job.mixing = &seen_.mixing();
    loops.prepare[kind][specialised](job);
    loops.insert[0][kind][specialised](job);
    graph.pool.set_size(std::size_t{job.next} * words_);
    graph.parent.set_size(job.next);
  }
}

// Where the edges of each source start, and the edges.
void Searcher::keep_rows(std::size_t count) {
  ReachedGraph& graph = result_.graph;
  const std::uint64_t begin = graph.target.size();
  graph.rows.reserve_with([&](auto& column) { reserve(column, batch_.ends().size()); });
  for (std::size_t i = 0; i < batch_.ends().size(); ++i)
    graph.rows.push_back(begin + (i == 0 ? 0 : batch_.ends()[i - 1]));
  reserve(graph.target, count);
  graph.target.append({numbers_.data(), count});
  graph.move.reserve_with([&](auto& plane) { reserve(plane, count); });
  for (std::size_t i = 0; i < count; ++i) graph.move.push_back(batch_.moves()[i]);
}

void Searcher::note(Move move) {
  if (noted_.size() <= move.thread) noted_.resize(move.thread + std::size_t{1});
  std::vector<bool>& of_thread = noted_[move.thread];
  if (of_thread.size() <= move.step) of_thread.resize(move.step + std::size_t{1});
  if (of_thread[move.step]) return;
  of_thread[move.step] = true;
  observer_.taken(move);
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
  seen_.grow(result_.graph.pool, result_.graph.states());
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
