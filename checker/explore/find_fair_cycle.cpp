// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/find_fair_cycle.h"

#include <span>

#include "explore/components.h"

namespace tdxcheck::explore {
namespace {

enum class Judgement { fair, hopeless, perhaps_without_some_states };

class Search {
public:
  Search(const ReachedGraph& graph, const FairSteps& fair, Subgraph part, const MoveSet* wanted)
      : graph_(graph),
        fair_(fair),
        part_(std::move(part)),
        wanted_(wanted),
        enabled_(fair.size(), 0),
        seen_in_(fair.size(), no_state),
        taken_(fair.size(), 0),
        bad_(fair.size(), 0) {
    trim(graph_, part_);
  }

  // False: there is nothing left to look at.
  bool round();
  FairCycles result;

private:
  using States = std::span<const StateNumber>;

  struct Tally {
    bool cyclic = false, wanted = false;
  };
  [[nodiscard]] bool returns_at_once(StateNumber state) const;
  [[nodiscard]] Judgement judge(States component);
  [[nodiscard]] Tally tally(States component);
  void see(StateNumber state, FairSteps::Number step, bool stays);
  void forget();
  void leave_out(States states);
  void leave_out_bad(States states);
  void note_candidates(States component);

  const ReachedGraph& graph_;
  const FairSteps& fair_;
  Subgraph part_;
  const MoveSet* wanted_;
  Components components_;
  bool first_round_ = true;
  // Of the component that is being judged, by fair step; `touched_` are those not at rest.
  std::vector<StateNumber> enabled_, seen_in_;
  std::vector<std::uint8_t> taken_, bad_;
  std::vector<FairSteps::Number> touched_;
};

bool Search::round() {
  components_ = strongly_connected_components(graph_, part_);
  const ByComponent sorted = by_component(components_);
  if (first_round_) result.candidates.assign(graph_.states(), 0);
  bool again = false;
  for (StateNumber c = 0; c < components_.count; ++c) {
    const States component =
        States(sorted.states).subspan(sorted.first[c], sorted.first[c + 1] - sorted.first[c]);
    if (component.size() == 1 && !returns_at_once(component.front())) { // most are like that
      part_.in[component.front()] = 0;
      continue;
    }
    switch (judge(component)) {
    case Judgement::fair:
      if (result.component.empty() || component.front() < result.component.front())
        result.component.assign(component.begin(), component.end());
      break;
    case Judgement::hopeless: leave_out(component); break;
    case Judgement::perhaps_without_some_states:
      leave_out_bad(component);
      again = true;
      break;
    }
    forget();
  }
  first_round_ = false;
  return again && result.component.empty();
}

bool Search::returns_at_once(StateNumber state) const {
  for (std::uint64_t e = graph_.rows[state]; e < graph_.rows[state + 1]; ++e)
    if (graph_.target[e] == state && part_.has_edge(graph_, e)) return true;
  return false;
}

Judgement Search::judge(States component) {
  const Tally all = tally(component);
  if (!all.cyclic || (wanted_ != nullptr && !all.wanted)) return Judgement::hopeless;
  note_candidates(component);
  Judgement judgement = Judgement::fair;
  for (const FairSteps::Number step : touched_) {
    if (taken_[step] != 0) continue;
    if (fair_.is_strong(step)) {
      bad_[step] = 1;
      if (judgement == Judgement::fair) judgement = Judgement::perhaps_without_some_states;
    } else if (enabled_[step] == component.size()) {
      judgement = Judgement::hopeless;
    } else {
      continue;
    }
    result.unfair_kinds.insert(fair_.kind(step));
  }
  return judgement;
}

Search::Tally Search::tally(States component) {
  Tally all;
  const StateNumber c = components_.of[component.front()];
  for (const StateNumber s : component) {
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e) {
      const bool stays = part_.has_edge(graph_, e) && components_.of[graph_.target[e]] == c;
      all.cyclic = all.cyclic || stays;
      if (stays && wanted_ != nullptr && (*wanted_)[graph_.move[e]] != 0) all.wanted = true;
      if (const auto step = fair_.of(graph_.move[e]); step != FairSteps::none) see(s, step, stays);
    }
  }
  return all;
}

void Search::see(StateNumber state, FairSteps::Number step, bool stays) {
  if (enabled_[step] == 0) touched_.push_back(step);
  if (seen_in_[step] != state) {
    seen_in_[step] = state;
    ++enabled_[step];
  }
  if (stays) taken_[step] = 1;
}

void Search::forget() {
  for (const FairSteps::Number step : touched_) {
    enabled_[step] = 0;
    seen_in_[step] = no_state;
    taken_[step] = bad_[step] = 0;
  }
  touched_.clear();
}

void Search::leave_out(States states) {
  for (const StateNumber s : states) part_.in[s] = 0;
}

void Search::leave_out_bad(States states) {
  for (const StateNumber s : states) {
    for (std::uint64_t e = graph_.rows[s]; e < graph_.rows[s + 1]; ++e) {
      const auto step = fair_.of(graph_.move[e]);
      if (step == FairSteps::none || bad_[step] == 0) continue;
      part_.in[s] = 0;
      break;
    }
  }
}

void Search::note_candidates(States component) {
  if (!first_round_) return;
  for (const StateNumber s : component) result.candidates[s] = 1;
}

} // namespace

FairCycles find_fair_cycle(const ReachedGraph& graph, const FairSteps& fair, Subgraph part,
                           const MoveSet* wanted, const std::function<void()>& round) {
  Search search(graph, fair, std::move(part), wanted);
  do round();
  while (search.round());
  return std::move(search.result);
}

} // namespace tdxcheck::explore
