// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/find_stuck_threads.h"

#include <algorithm>

#include "explore/components.h"

namespace tdxcheck::explore {
namespace {

constexpr int most_passes = 12;

// Some of the threads, a bit for each.
template <class Bits>
struct Threads {
  std::size_t first = 0, count = 0;

  [[nodiscard]] Bits all() const {
    return count == 8 * sizeof(Bits) ? static_cast<Bits>(~Bits{0})
                                     : static_cast<Bits>((std::uint64_t{1} << count) - 1);
  }
  [[nodiscard]] Bits bit(std::size_t thread) const {
    const bool one_of_them = thread >= first && thread < first + count;
    return one_of_them ? static_cast<Bits>(std::uint64_t{1} << (thread - first)) : Bits{0};
  }
};

// By state: which threads move there or further on, as far as a few passes can tell.
template <class Bits>
class Passes {
public:
  Passes(const ReachedGraph& graph, Threads<Bits> threads,
         const std::function<std::uint64_t(StateNumber)>& also_moving)
      : graph_(graph), threads_(threads), also_moving_(also_moving), moving_(graph.states(), 0) {}

  // False: it was not enough.
  bool run() {
    for (StateNumber s = graph_.states(); s-- > 0;) {
      update(s);
      if (moving_[s] != threads_.all() && also_moving_)
        moving_[s] |= static_cast<Bits>(also_moving_(s) >> threads_.first & threads_.all());
      if (moving_[s] != threads_.all()) open_.push_back(s);
    }
    for (int pass = 1; pass < most_passes; ++pass) {
      bool changed = false;
      for (const StateNumber s : open_) changed = update(s) || changed;
      if (!changed) return true;
      std::erase_if(open_, [&](StateNumber s) { return moving_[s] == threads_.all(); });
    }
    return false;
  }
  // Exactly, in one pass over the components, successors first.
  void run_by_component() {
    const Components components = strongly_connected_components(graph_);
    std::vector<Bits> result(components.count, 0);
    for (const StateNumber s : by_component(components).states) {
      Bits moving = static_cast<Bits>(result[components.of[s]] | moving_[s]);
      for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e)
        moving |= threads_.bit(graph_.move[e].thread) | result[components.of[graph_.target[e]]];
      result[components.of[s]] = moving;
    }
    for (StateNumber s = 0; s < graph_.states(); ++s) moving_[s] = result[components.of[s]];
  }

  [[nodiscard]] Bits stuck_in(StateNumber s) const { return static_cast<Bits>(threads_.all() & ~moving_[s]); }

private:
  bool update(StateNumber s) {
    Bits moving = moving_[s];
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1] && moving != threads_.all(); ++e)
      moving |= threads_.bit(graph_.move[e].thread) | moving_[graph_.target[e]];
    const bool changed = moving != moving_[s];
    moving_[s] = moving;
    return changed;
  }

  const ReachedGraph& graph_;
  Threads<Bits> threads_;
  const std::function<std::uint64_t(StateNumber)>& also_moving_;
  std::vector<Bits> moving_;
  std::vector<StateNumber> open_; // some thread was not seen to move yet; from the last one on
};

template <class Bits>
std::optional<StuckThread> first_stuck(const ReachedGraph& graph, std::size_t threads,
                                       const std::function<bool(StateNumber, std::size_t)>& at_end,
                                       const std::function<std::uint64_t(StateNumber)>& also_moving) {
  std::optional<StuckThread> found;
  for (std::size_t first = 0; first < threads; first += 8 * sizeof(Bits)) {
    const Threads<Bits> some{first, std::min(8 * sizeof(Bits), threads - first)};
    Passes<Bits> passes(graph, some, also_moving);
    if (!passes.run()) passes.run_by_component();
    for (StateNumber s = 0; s < graph.states() && (!found || s < found->state); ++s) {
      const Bits stuck = passes.stuck_in(s);
      for (std::size_t t = first; stuck != 0 && t < first + some.count && (!found || s < found->state); ++t)
        if ((stuck & some.bit(t)) != 0 && !at_end(s, t)) found = StuckThread{s, t};
    }
  }
  return found;
}

} // namespace

std::optional<StuckThread> find_stuck_thread(const ReachedGraph& graph, std::size_t threads,
                                             const std::function<bool(StateNumber, std::size_t)>& at_end,
                                             const std::function<std::uint64_t(StateNumber)>& also_moving) {
  return threads <= 8 ? first_stuck<std::uint8_t>(graph, threads, at_end, also_moving)
                      : first_stuck<std::uint64_t>(graph, threads, at_end, also_moving);
}

} // namespace tdxcheck::explore
