// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/gather_edges.h"

#include <algorithm>

namespace tdxcheck::explore {
namespace {

template <class T>
void reserve(support::GrowingArray<T>& column, std::size_t more) {
  if (column.size() + more > column.capacity()) column.reserve(column.size() + more + column.capacity() / 4);
}

struct Run {
  const SearchWorker::Edges* edges;
  const SearchWorker::Edges::Run* run;
};

void append(ReachedGraph& graph, const Run& from) {
  const auto& [first, sources, ends, targets] = *from.run;
  // Where the search has stopped in between, some sources are missing.
  while (graph.rows.size() < first) graph.rows.push_back(graph.target.size());
  const std::uint64_t begin = graph.target.size();
  graph.rows.reserve_with([&](auto& column) { reserve(column, sources); });
  for (std::size_t i = 0; i < sources; ++i)
    graph.rows.push_back(begin + (i == 0 ? 0 : from.edges->ends[ends + i - 1]));
  const std::size_t count = sources == 0 ? 0 : from.edges->ends[ends + sources - 1];
  reserve(graph.target, count);
  graph.target.append({from.edges->targets.data() + targets, count});
  graph.move.reserve_with([&](auto& plane) { reserve(plane, count); });
  for (std::size_t i = 0; i < count; ++i) graph.move.push_back(from.edges->moves[targets + i]);
}

} // namespace

void gather_edges(ReachedGraph& graph, std::span<SearchWorker::Edges* const> all, StateNumber first_moved,
                  const std::vector<StateNumber>& moved) {
  std::vector<Run> runs;
  for (SearchWorker::Edges* const edges : all) {
    if (!moved.empty())
      for (StateNumber& target : edges->targets)
        if (target >= first_moved) target = moved[target - first_moved];
    for (const auto& run : edges->runs) runs.push_back({edges, &run});
  }
  if (all.size() > 1) std::ranges::sort(runs, {}, [](const Run& run) { return run.run->first; });
  for (const Run& run : runs) append(graph, run);
  for (SearchWorker::Edges* const edges : all) edges->clear();
}

} // namespace tdxcheck::explore
