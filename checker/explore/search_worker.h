// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One worker of a breadth-first search: takes states of the current level, expands them in batches, and
// inserts what it finds under numbers of its own share. All workers have the seen set, the pool and the
// parents in common, and none of these may move or grow while more than one is at work: whoever runs out of
// room asks all to pause, keeps what it has not inserted, and goes on when there is room.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "explore/inner_loops.h"
#include "explore/reached_graph.h"
#include "explore/search_observer.h"
#include "explore/seen_set.h"
#include "explore/successors.h"

namespace tdxcheck::explore {

struct ErroneousMove {
  StateNumber from = 0;
  Move move;
};

// What the workers share.
struct Level {
  ReachedGraph& graph;
  SeenSet& seen;
  bool with_rows;
  bool shared = false;               // more than one worker is at work
  StateNumber end = 0;               // of the states to expand
  StateNumber most = 0;              // numbers below this have room everywhere
  std::atomic<StateNumber> next{0};  // the next state to expand
  std::atomic<StateNumber> given{0}; // the next number to give out
  std::atomic<bool> pause{false};
  std::atomic<bool> crowded{false}; // a state found no slot: the table must grow before it is full
};

class SearchWorker {
public:
  static constexpr std::size_t sources_of_a_batch = 64;
  static constexpr StateNumber share = 1024; // numbers that a worker takes at a time

  SearchWorker(TransitionSystem& system, SearchObserver& observer, bool with_rows);

  // Until the level is expanded, somebody has asked to pause, or there are many edges to be put away (only
  // while it works alone). `must_stop` is asked now and then.
  void work(Level& level, const std::function<bool()>& must_stop);
  void insert_initial(Level& level);
  [[nodiscard]] bool has_work() const { return at_ < successors_.size() || mine_ < mine_end_; }

  // The numbers that it took and did not use; forgets them.
  struct Share {
    StateNumber next = 0, last = 0;
  };
  [[nodiscard]] Share give_back() { return std::exchange(share_, {}); }

  [[nodiscard]] StateNumber next_number() const { return share_.next; }
  [[nodiscard]] bool has_unused(StateNumber number) const {
    return share_.next <= number && number < share_.last;
  }

  // What it has found since the last time.
  struct Edges {
    struct Run {
      StateNumber first;         // of its sources
      std::size_t sources;       // ends from here on,
      std::size_t ends, targets; // where they start
    };
    std::vector<Run> runs;
    std::vector<std::uint32_t> ends; // by source, from the start of the run
    std::vector<StateNumber> targets;
    std::vector<Move> moves;
    void clear();
  };
  Edges edges;
  std::uint64_t transitions = 0;
  std::optional<ErroneousMove> model_error; // of those in this level, the least

  [[nodiscard]] TransitionSystem& system() { return system_; }
  [[nodiscard]] SearchObserver& observer() { return observer_; }
  [[nodiscard]] Successors& successors() { return successors_; }
  [[nodiscard]] std::uint64_t bytes() const;

private:
  [[nodiscard]] bool next_batch(Level& level);
  void expand(Level& level);
  [[nodiscard]] Batch batch(const Level& level) const;
  void prepare(Level& level, Word* recent);
  void forget_recent(const Level& level);
  [[nodiscard]] bool insert(Level& level);
  [[nodiscard]] bool take_share(Level& level);
  void take_errors_out(const Level& level);
  void settle(Level& level);
  void keep_edges();
  void note(Move move);

  TransitionSystem& system_;
  SearchObserver& observer_;
  bool with_rows_;
  std::size_t words_, specialised_;
  const InnerLoops& loops_;
  Successors successors_;
  StateNumber first_ = 0; // of the sources of the batch
  std::size_t sources_ = 0;
  std::size_t prepared_ = 0;            // of its successors: their probes are known, or they are left out
  std::size_t probed_ = 0;              // probes that are known
  std::size_t at_ = 0;                  // what is inserted of the batch, or was left out
  StateNumber mine_ = 0, mine_end_ = 0; // sources that it took
  Share share_;
  std::uint64_t batches_ = 0;
  std::vector<Probe> probes_;
  std::vector<Word> recent_; // empty where every successor's number is asked for
  std::vector<StateNumber> numbers_;
  std::vector<std::vector<bool>> noted_; // by thread, by step
};

} // namespace tdxcheck::explore
