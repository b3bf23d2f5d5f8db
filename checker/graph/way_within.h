// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The shortest way between two states along edges that may be used.

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "explore/reached_graph.h"
#include "support/contract.h"

namespace tdxcheck::graph {

// Edges; none if the two are one. `may_use(from, edge)`; there is such a way.
template <class MayUse>
[[nodiscard]] std::vector<std::uint64_t> way_within(const explore::ReachedGraph& graph,
                                                    explore::StateNumber from, explore::StateNumber to,
                                                    MayUse may_use) {
  std::unordered_map<explore::StateNumber, std::pair<explore::StateNumber, std::uint64_t>> came;
  std::deque<explore::StateNumber> open{from};
  came[from] = {explore::no_state, 0};
  for (; !open.empty() && !came.contains(to); open.pop_front()) {
    const explore::StateNumber s = open.front();
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1]; ++e)
      if (may_use(s, e) && came.try_emplace(graph.target[e], s, e).second) open.push_back(graph.target[e]);
  }
  support::ensures_internal(came.contains(to), "there is a way between two states of one component");
  std::vector<std::uint64_t> edges;
  for (explore::StateNumber at = to; at != from; at = came[at].first) edges.push_back(came[at].second);
  std::reverse(edges.begin(), edges.end());
  return edges;
}

} // namespace tdxcheck::graph
