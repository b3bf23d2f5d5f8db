// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/breadth_first_search.h"

#include <algorithm>
#include <memory>

#include "explore/crew.h"
#include "explore/gather_edges.h"
#include "explore/seen_set.h"
#include "support/contract.h"
#include "support/stopwatch.h"

namespace tdxcheck::explore {
namespace {

// Per state, what components.h and find_stuck_threads.h will need once the rows are complete, most of it on
// stacks.
constexpr std::uint64_t bytes_for_components = 28;
constexpr double seconds_between_reports = 0.25;

using Gap = SearchWorker::Share;

bool is_in(const std::vector<Gap>& gaps, StateNumber number) {
  return std::ranges::any_of(gaps, [&](const Gap& gap) { return gap.next <= number && number < gap.last; });
}

// Out of the depth of a level.
struct Halt {
  Stop why;
};

class Searcher : private SuccessorSink {
public:
  Searcher(TransitionSystem& system, SearchObserver& observer, const Limits& limits, bool with_rows,
           const Helpers& helpers)
      : system_(system),
        limits_(limits),
        helpers_(helpers),
        with_rows_(with_rows),
        words_(system.words()),
        seen_(words_, system.bits(), with_rows),
        level_{result_.graph, seen_, with_rows} {
    result_.graph.words = words_;
    workers_.push_back(std::make_unique<SearchWorker>(system, observer, with_rows));
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
  void work_on_level();
  void end_level();
  void call_helpers();
  void insert_initial();
  void make_room();
  void grow_table();
  void close_gaps();
  void renumber(StateNumber from, StateNumber to);
  void tell_observers();
  [[nodiscard]] bool must_stop();
  [[nodiscard]] bool level_is_done() const;
  void report(double seconds) const;
  void finish();
  [[nodiscard]] std::uint64_t bytes() const;
  void require(std::uint64_t more) const;

  TransitionSystem& system_;
  const Limits& limits_;
  const Helpers& helpers_;
  bool with_rows_;
  std::size_t words_;
  Search result_;
  SeenSet seen_;
  Level level_;
  std::vector<std::unique_ptr<SearchWorker>> workers_;
  std::unique_ptr<Crew> crew_;
  StateNumber begun_ = 0; // the first state of the level
  StateNumber told_ = 0;  // observers know of the states before
  std::optional<Stop> stopped_;
  support::Stopwatch watch_;
  double reported_ = 0;
};

// ---- levels

// There may be many initial states.
void Searcher::take(StateView next, Move move, std::uint8_t flags) {
  Successors& batch = workers_.front()->successors();
  batch.push_back(next, no_state, move, flags);
  if (batch.size() >= SearchWorker::share) insert_initial();
}

void Searcher::insert_initial() {
  do {
    make_room();
    workers_.front()->insert_initial(level_);
    close_gaps();
  } while (workers_.front()->has_work());
}

void Searcher::start() {
  result_.graph.level.push_back(0);
  if (must_stop()) throw Halt{*stopped_};
  system_.initial(*this);
  insert_initial();
  result_.first_state = support::process_age();
  tell_observers();
  result_.graph.level.push_back(result_.graph.states());
  if (workers_.front()->observer().enough()) throw Halt{Stop::enough};
}

bool Searcher::begin_level() {
  if (begun_ == result_.graph.states()) return false;
  if (begun_ != 0) result_.graph.level.push_back(result_.graph.states());
  return true;
}

// All states of the level are there; what is found meanwhile belongs to the next.
void Searcher::expand_level() {
  level_.next = begun_;
  level_.end = result_.graph.states();
  const bool large = level_.end - begun_ >= helpers_.large_level;
  if (large) call_helpers();
  level_.shared = large && workers_.size() > 1;
  try {
    while (!level_is_done()) {
      make_room();
      work_on_level();
      if (stopped_) throw Halt{*stopped_};
    }
  } catch (const Halt&) {
    end_level();
    throw;
  }
  end_level();
  begun_ = level_.end;
  for (const auto& worker : workers_)
    if (worker->model_error) throw Halt{Stop::model_error};
  for (const auto& worker : workers_)
    if (worker->observer().enough()) throw Halt{Stop::enough};
}

bool Searcher::level_is_done() const {
  return level_.next.load() >= level_.end &&
         std::ranges::none_of(workers_, [](const auto& worker) { return worker->has_work(); });
}

void Searcher::work_on_level() {
  const auto stop = [this] { return must_stop(); };
  const auto go_on = [] { return false; };
  level_.pause = false;
  if (level_.shared) {
    crew_->run([&](std::size_t i) {
      if (i == 0) workers_[i]->work(level_, stop);
      else workers_[i]->work(level_, go_on);
    });
  } else {
    workers_.front()->work(level_, stop);
    close_gaps();
  }
}

void Searcher::end_level() {
  close_gaps();
  for (const auto& worker : workers_) result_.graph.transitions += std::exchange(worker->transitions, 0);
  tell_observers();
}

void Searcher::call_helpers() {
  if (helpers_.count == 0 || crew_ != nullptr) return;
  for (unsigned i = 0; i < helpers_.count; ++i) {
    const Helpers::Hand hand = helpers_.next();
    workers_.push_back(std::make_unique<SearchWorker>(hand.system, hand.observer, with_rows_));
  }
  crew_ = std::make_unique<Crew>(workers_.size());
  result_.workers = static_cast<unsigned>(workers_.size());
}

void Searcher::tell_observers() {
  const ReachedGraph& graph = result_.graph;
  const StateNumber begin = std::exchange(told_, graph.states()), end = graph.states();
  if (begin == end) return;
  if (crew_ == nullptr || end - begin < helpers_.large_level)
    return workers_.front()->observer().found(graph, begin, end);
  crew_->run([&](std::size_t i) {
    const auto part = [&](std::size_t k) {
      return begin + static_cast<StateNumber>(std::uint64_t{end - begin} * k / workers_.size());
    };
    workers_[i]->observer().found(graph, part(i), part(i + 1));
  });
}

// ---- room

void Searcher::renumber(StateNumber from, StateNumber to) {
  ReachedGraph& graph = result_.graph;
  Word* const place = graph.pool.data() + std::size_t{to} * words_;
  std::copy_n(graph.pool.data() + std::size_t{from} * words_, words_, place);
  graph.parent[to] = graph.parent[from];
  seen_.renumber({place, words_}, from, to);
}

// What was given to a worker and not used lies between states: the last states move there, so that numbers
// are dense again. Only the numbers of this level, which nothing but the table, its edges and no state knows
// yet.
void Searcher::close_gaps() {
  ReachedGraph& graph = result_.graph;
  std::vector<Gap> gaps;
  for (const auto& worker : workers_) gaps.push_back(worker->give_back());
  std::erase_if(gaps, [](const Gap& gap) { return gap.next == gap.last; });
  std::ranges::sort(gaps, {}, &Gap::next);
  StateNumber given = level_.given.load();
  for (; !gaps.empty() && gaps.back().last == given; gaps.pop_back()) given = gaps.back().next;
  StateNumber unused = 0;
  for (const Gap& gap : gaps) unused += gap.last - gap.next;
  const StateNumber states = given - unused;

  std::vector<StateNumber> moved(unused, no_state); // by old number - states
  StateNumber from = given;
  for (const Gap& gap : gaps) {
    for (StateNumber to = gap.next; to < gap.last && to < states; ++to) {
      do --from;
      while (is_in(gaps, from));
      renumber(from, to);
      moved[from - states] = to;
    }
  }
  level_.given = states;
  graph.pool.set_size(std::size_t{states} * words_);
  graph.parent.set_size(states);
  if (!with_rows_) return;
  std::vector<SearchWorker::Edges*> edges;
  for (const auto& worker : workers_) edges.push_back(&worker->edges);
  gather_edges(graph, edges, states, moved);
}

void Searcher::grow_table() {
  const auto unused = [&](StateNumber number) {
    return std::ranges::any_of(workers_, [&](const auto& worker) { return worker->has_unused(number); });
  };
  seen_.grow(result_.graph.pool, level_.given.load(), unused, crew_.get());
}

// For some more states, in the table and in the columns.
void Searcher::make_room() {
  ReachedGraph& graph = result_.graph;
  const auto shares = static_cast<StateNumber>(2 * workers_.size()) * SearchWorker::share;
  const std::uint64_t given = level_.given.load();
  if (given + shares >= no_state) throw Halt{Stop::too_many_states};
  while (level_.crowded.exchange(false) || seen_.must_grow(given, shares)) {
    require(seen_.bytes());
    grow_table();
  }
  if (graph.parent.capacity() < given + shares) {
    const std::size_t more = std::max<std::size_t>(given / 4, 1024) + shares;
    require(more * (words_ * sizeof(Word) + sizeof(StateNumber)));
    graph.pool.reserve((given + more) * words_);
    graph.parent.reserve(given + more);
  }
  if (with_rows_) require(0);
  level_.most = static_cast<StateNumber>(
      std::min<std::uint64_t>({seen_.most(), graph.parent.capacity() - 1, no_state - 1}));
}

std::uint64_t Searcher::bytes() const {
  const ReachedGraph& graph = result_.graph;
  std::uint64_t all = with_rows_ ? graph.parent.capacity() * bytes_for_components : 0;
  for (const auto& worker : workers_) all += worker->bytes();
  return all + seen_.bytes() + graph.bytes();
}

void Searcher::require(std::uint64_t more) const {
  if (limits_.memory_bytes && bytes() + more > *limits_.memory_bytes) throw Halt{Stop::out_of_memory};
}

// ---- limits

bool Searcher::must_stop() {
  if (limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed))
    stopped_ = Stop::interrupted;
  const double seconds = watch_.seconds();
  if (limits_.seconds && seconds >= *limits_.seconds) stopped_ = Stop::out_of_time;
  if (with_rows_ && limits_.memory_bytes && !level_.shared && bytes() > *limits_.memory_bytes)
    stopped_ = Stop::out_of_memory;
  if (limits_.progress && seconds - reported_ >= seconds_between_reports) {
    reported_ = seconds;
    report(seconds);
  }
  return stopped_.has_value();
}

void Searcher::report(double seconds) const {
  const ReachedGraph& graph = result_.graph;
  const std::uint64_t told = level_.shared ? level_.given.load() : workers_.front()->next_number();
  const std::uint64_t states = std::max<std::uint64_t>(told, graph.states());
  const std::uint64_t transitions =
      graph.transitions + workers_.front()->transitions * (level_.shared ? workers_.size() : 1);
  const StateNumber next = std::min(level_.next.load(), level_.end);
  limits_.progress({states, transitions, states - next, graph.depth(), bytes(), seconds});
}

void Searcher::finish() {
  ReachedGraph& graph = result_.graph;
  if (graph.level.size() < 2 || graph.level.back() != graph.states()) graph.level.push_back(graph.states());
  if (result_.stop == Stop::model_error)
    for (const auto& worker : workers_)
      if (worker->model_error) result_.model_error = worker->model_error;
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
                            bool with_rows, const Helpers& helpers) {
  return Searcher(system, observer, limits, with_rows, helpers).search();
}

} // namespace tdxcheck::explore
