// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/find_stuck_threads.h"

#include <algorithm>

namespace tdxcheck::explore {
namespace {

constexpr std::size_t at_a_time = 64;

// By component: a bit for each of the threads from `first` on that moves in it or behind it.
std::vector<std::uint64_t> movers(const ReachedGraph& graph, const Components& components,
                                  const std::vector<StateNumber>& order, std::size_t first) {
  std::vector<std::uint64_t> result(components.count, 0);
  for (const StateNumber s : order) {
    std::uint64_t moving = result[components.of[s]];
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e) {
      const std::size_t thread = graph.move[e].thread;
      if (thread >= first && thread < first + at_a_time) moving |= std::uint64_t{1} << (thread - first);
      moving |= result[components.of[graph.target[e]]];
    }
    result[components.of[s]] = moving;
  }
  return result;
}

} // namespace

std::optional<StuckThread> find_stuck_thread(const ReachedGraph& graph, const Components& components,
                                             std::size_t threads,
                                             const std::function<bool(StateNumber, std::size_t)>& at_end) {
  const std::vector<StateNumber> order = by_component(components).states;
  std::optional<StuckThread> found;
  for (std::size_t first = 0; first < threads; first += at_a_time) {
    const std::vector<std::uint64_t> moving = movers(graph, components, order, first);
    const std::size_t last = std::min(first + at_a_time, threads);
    const std::uint64_t all =
        last - first == at_a_time ? ~std::uint64_t{0} : (std::uint64_t{1} << (last - first)) - 1;
    for (StateNumber s = 0; s < graph.states() && (!found || s < found->state); ++s) {
      if (moving[components.of[s]] == all) continue;
      for (std::size_t t = first; t < last && (!found || s < found->state); ++t) {
        const bool moves = (moving[components.of[s]] >> (t - first) & 1) != 0;
        if (!moves && !at_end(s, t)) found = StuckThread{s, t};
      }
    }
  }
  return found;
}

} // namespace tdxcheck::explore
