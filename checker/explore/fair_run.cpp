// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/fair_run.h"

#include "explore/build_lasso.h"
#include "explore/find_fair_cycle.h"

namespace tdxcheck::explore {
namespace {

struct Stop {
  std::optional<StateNumber> state;
  bool some = false;            // the part has a state at all
  std::set<std::size_t> hinges; // kinds of which alone there are fair steps enabled, somewhere
};

// The first state of the part in which no fair step is enabled.
Stop find_fair_stop(const ReachedGraph& graph, const FairSteps& fair, const Subgraph& part) {
  Stop stop;
  for (StateNumber s = 0; s < graph.states() && !stop.state; ++s) {
    if (!part.has(s)) continue;
    stop.some = true;
    bool any = false, several = false;
    std::size_t kind = 0;
    for (std::uint64_t e = graph.rows[s]; e < graph.rows[s + 1] && !several; ++e) {
      const auto step = fair.of(graph.move[e]);
      if (step == FairSteps::none) continue;
      several = any && kind != fair.kind(step);
      any = true;
      kind = fair.kind(step);
    }
    if (!any) stop.state = s;
    else if (!several) stop.hinges.insert(kind);
  }
  return stop;
}

class Finder {
public:
  Finder(const ReachedGraph& graph, const FairSteps& fair, const Stay& stay,
         const std::function<void()>& round)
      : graph_(graph), fair_(fair), stay_(stay), round_(round) {}

  FairRun find(std::size_t most_kinds) {
    Stop stop;
    if (stay_.may_stop) stop = find_fair_stop(graph_, fair_, stay_.part);
    const FairCycles cycles = find_fair_cycle(graph_, fair_, stay_.part, wanted(), round_);
    FairRun found;
    if (!cycles.component.empty() && (!stop.state || entry_of(cycles.component) < *stop.state))
      found.run = lasso(cycles.component);
    else if (stop.state) found.run = stem(*stop.state);
    if (found.run) return found;
    found.some_run_is_unfair = stop.some || !cycles.unfair_kinds.empty();
    found.hinges = std::move(stop.hinges);
    for (const std::size_t kind : cycles.unfair_kinds) {
      if (found.hinges.contains(kind)) continue;
      if (most_kinds-- == 0) break;
      const Subgraph judged{cycles.candidates, stay_.part.moves};
      if (!find_fair_cycle(graph_, fair_.without(kind), judged, wanted(), round_).component.empty())
        found.hinges.insert(kind);
    }
    return found;
  }

private:
  [[nodiscard]] const MoveSet* wanted() const { return stay_.wanted ? &*stay_.wanted : nullptr; }
  [[nodiscard]] Walk stem(StateNumber state) const {
    return stay_.stem ? stay_.stem(state) : walk_to(graph_, state);
  }
  [[nodiscard]] StateNumber entry_of(const std::vector<StateNumber>& component) const {
    return stay_.entry ? stay_.entry(component) : component.front();
  }

  [[nodiscard]] Walk lasso(const std::vector<StateNumber>& component) const {
    const StateNumber entry = entry_of(component);
    Walk walk = stem(entry);
    walk.loop = walk.moves.size();
    extend(walk, graph_, build_lasso(graph_, fair_, component, stay_.part.moves, wanted(), entry));
    return walk;
  }

  const ReachedGraph& graph_;
  const FairSteps& fair_;
  const Stay& stay_;
  const std::function<void()>& round_;
};

} // namespace

FairRun find_fair_run(const ReachedGraph& graph, const FairSteps& fair, const Stay& stay,
                      std::size_t most_kinds, const std::function<void()>& round) {
  return Finder(graph, fair, stay, round).find(most_kinds);
}

} // namespace tdxcheck::explore
