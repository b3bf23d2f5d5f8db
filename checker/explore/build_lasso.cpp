// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/build_lasso.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "support/contract.h"

namespace tdxcheck::explore {
namespace {

using Edges = std::vector<std::uint64_t>;

class Walker {
public:
  Walker(const ReachedGraph& graph, const FairSteps& fair, const std::vector<StateNumber>& component,
         const MoveSet& moves, StateNumber entry)
      : graph_(graph),
        fair_(fair),
        part_{std::vector<std::uint8_t>(graph.states(), 0), moves},
        entry_(entry),
        here_(entry) {
    for (const StateNumber s : component) part_.in[s] = 1;
  }

  // Appends the shortest way whose last edge is such a one.
  void go_through(const std::function<bool(std::uint64_t)>& edge) { append(shortest(edge)); }
  void settle(FairSteps::Number step);
  // The walk and the shortest way back.
  [[nodiscard]] Edges closed() const;
  // A fair step that the closed walk treats unfairly.
  [[nodiscard]] std::optional<FairSteps::Number> unsettled(const Edges& closed) const;

private:
  [[nodiscard]] Edges shortest(const std::function<bool(std::uint64_t)>& edge) const;
  void append(const Edges& way);
  [[nodiscard]] std::set<FairSteps::Number> enabled_in(StateNumber state) const;

  const ReachedGraph& graph_;
  const FairSteps& fair_;
  Subgraph part_;
  StateNumber entry_, here_;
  Edges walk_;
};

Edges Walker::shortest(const std::function<bool(std::uint64_t)>& wanted) const {
  struct Arrival {
    StateNumber from;
    std::uint64_t edge;
  };
  std::unordered_map<StateNumber, Arrival> seen{{here_, {no_state, 0}}};
  std::deque<StateNumber> open{here_};
  for (; !open.empty(); open.pop_front()) {
    const StateNumber s = open.front();
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e) {
      if (!part_.has_edge(graph_, e)) continue;
      if (wanted(e)) {
        Edges way{e};
        for (StateNumber at = s; at != here_; at = seen.at(at).from) way.push_back(seen.at(at).edge);
        std::reverse(way.begin(), way.end());
        return way;
      }
      if (seen.try_emplace(graph_.target[e], Arrival{s, e}).second) open.push_back(graph_.target[e]);
    }
  }
  support::ensures_internal(false, "a strongly connected component has a way to each of its edges");
  return {};
}

void Walker::append(const Edges& way) {
  walk_.insert(walk_.end(), way.begin(), way.end());
  here_ = graph_.target[way.back()];
}

Edges Walker::closed() const {
  if (!walk_.empty() && here_ == entry_) return walk_;
  Edges all = walk_;
  const Edges back = shortest([&](std::uint64_t e) { return graph_.target[e] == entry_; });
  all.insert(all.end(), back.begin(), back.end());
  return all;
}

std::set<FairSteps::Number> Walker::enabled_in(StateNumber state) const {
  std::set<FairSteps::Number> enabled;
  for (std::uint64_t e = graph_.rows[state]; e < graph_.rows[state + 1]; ++e)
    if (const auto step = fair_.of(graph_.move[e]); step != FairSteps::none) enabled.insert(step);
  return enabled;
}

std::optional<FairSteps::Number> Walker::unsettled(const Edges& closed) const {
  std::map<FairSteps::Number, std::size_t> enabled;
  std::set<FairSteps::Number> taken;
  for (const std::uint64_t e : closed) {
    for (const auto step : enabled_in(graph_.target[e])) ++enabled[step];
    taken.insert(fair_.of(graph_.move[e]));
  }
  for (const auto& [step, times] : enabled) {
    if (taken.contains(step)) continue;
    if (fair_.is_strong(step) || times == closed.size()) return step;
  }
  return {};
}

void Walker::settle(FairSteps::Number step) {
  go_through([&](std::uint64_t e) {
    if (fair_.of(graph_.move[e]) == step) return true;
    return !fair_.is_strong(step) && !enabled_in(graph_.target[e]).contains(step);
  });
}

} // namespace

Edges build_lasso(const ReachedGraph& graph, const FairSteps& fair, const std::vector<StateNumber>& component,
                  const MoveSet& moves, const MoveSet* wanted, StateNumber entry) {
  Walker walker(graph, fair, component, moves, entry);
  if (wanted != nullptr) walker.go_through([&](std::uint64_t e) { return (*wanted)[graph.move[e]] != 0; });
  for (;;) {
    Edges closed = walker.closed();
    const auto step = walker.unsettled(closed);
    if (!step) return closed;
    walker.settle(*step);
  }
}

} // namespace tdxcheck::explore
